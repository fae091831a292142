// How a workgroup's invocations share a block: `lane` chooses the columns, `band` the rows, `part` which terms of the sums are added up.
// With several parts, each leaves its sums in workgroup memory, and then finishes every {{ parts }}th row of its band.
//% if broadcast
// The workgroup is one subgroup: an invocation loads a part of what all of them multiply, its own row of it, and hands it on. So all of them take every
// turn of the loop; what those beyond the last column add up is thrown away. A sum is finished before the next: the block has more of them than registers.
//% endif
const LANES = {{ lanes }}u;
const PARTS = {{ parts }}u;
const ROWS = {{ rows }}u;
const COLUMNS = {{ columns }}u;
const BANDS = {{ bands }}u;
const UNROLL = {{ unroll }}u;  // terms an invocation loads before it adds them

//% if parts > 1
var<workgroup> partial_sums: array<vec4f, {{ lanes * parts * rows * columns * bands }}>;

// `r` counts the block's rows, all bands'.
fn keep_partial_sum(lane: u32, part: u32, r: u32, c: u32, sum: vec4f) {
  partial_sums[((r * COLUMNS + c) * PARTS + part) * LANES + lane] = sum;
}

fn whole_sum(lane: u32, r: u32, c: u32) -> vec4f {
  var sum = vec4f(0.0);
//% for part in range(parts)
  sum += partial_sums[((r * COLUMNS + c) * PARTS + {{ part }}u) * LANES + lane];
//% endfor
  return sum;
}
//% endif
