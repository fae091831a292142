// How a workgroup's invocations share a block: `lane` chooses the columns, `band` the rows, `part` which terms of the sums are added up.
// An invocation's rows begin with `first_row`, its columns with `first_column`; the others are further by their offsets.
// With several parts, each leaves its sums in workgroup memory, those of one of its columns at a time, and then finishes every {{ parts }}th row of its band.
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

//% if vectors
var<workgroup> shared_vectors: array<vec4f, {{ vectors }}>;
//% endif
//% if parts > 1

// `r` counts the rows of all bands.
fn keep_partial_sum(lane: u32, part: u32, r: u32, sum: vec4f) {
  shared_vectors[(r * PARTS + part) * LANES + lane] = sum;
}

fn whole_sum(lane: u32, r: u32) -> vec4f {
  var sum = vec4f(0.0);
//% for part in range(parts)
  sum += shared_vectors[(r * PARTS + {{ part }}u) * LANES + lane];
//% endfor
  return sum;
}
//% endif
//% if depth

// What the parts multiply next lies in workgroup memory: for each part {{ depth }} terms of its sums, of the left factor for the block's rows, four a vector, of the right one for
// the block's columns. There are two halves: one is filled while the other is read. A vector more a term than needed keeps the writes of neighbours in different banks.
const DEPTH = {{ depth }}u;
const TURN = DEPTH * PARTS;
const HEIGHT = {{ rows * bands // 4 }}u;  // of the block, in fours
const WIDTH = {{ lanes * columns }}u;
const LEFT_TERM = HEIGHT + 1u;
const RIGHT_TERM = WIDTH + 1u;
const HALF = DEPTH * (LEFT_TERM + RIGHT_TERM);

// Neighbouring invocations read neighbouring vectors of workgroup memory: so an invocation's rows lie apart, four by four, and its columns one by one.
fn first_row(group: vec3u, band: u32) -> u32 {
  return (group.y * HEIGHT + band) * 4u;
}

fn row_offset(r: u32) -> u32 {
  return r / 4u * 4u * BANDS + r % 4u;
}

fn first_column(group: vec3u, lane: u32) -> u32 {
  return group.x * WIDTH + lane;
}

fn column_offset(c: u32) -> u32 {
  return c * LANES;
}
//% else

fn first_row(group: vec3u, band: u32) -> u32 {
  return (group.y * BANDS + band) * ROWS;
}

fn row_offset(r: u32) -> u32 {
  return r;
}

fn first_column(group: vec3u, lane: u32) -> u32 {
  return (group.x * LANES + lane) * COLUMNS;
}

fn column_offset(c: u32) -> u32 {
  return c;
}
//% endif
