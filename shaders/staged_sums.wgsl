  // The block's sums, out of workgroup memory: each invocation brings in its share of both factors, then multiplies what all have brought.
  // Of each factor the kernel says where it lies, how many vectors long its rows are, and where in a row of the block's vectors it begins; of one
  // whose rows are not terms, and which is transposed on the way, the rows it has.
//% set height, width, team = rows * bands // 4, lanes * columns, lanes * bands
//% set factors = [("left", left, height, depth * height // team), ("right", right, width, depth * width // team)]
  let member = local % (LANES * BANDS);
//% for side, factor, across, loads in factors
//% for i in range(loads)
//% set place = "(member + %du)" % (i * team)
//% if factor.transposed
  let {{ side }}_line_{{ i }} = {{ place }} / {{ depth // 4 }}u;
  let {{ side }}_term_{{ i }} = {{ place }} % {{ depth // 4 }}u * CELL;
  let {{ side }}_at_{{ i }} = {{ side }}_at + min({{ side }}_first * CELL + {{ side }}_line_{{ i }}, {{ side }}_lines - 1u) * {{ side }}_cells;
//% else
  let {{ side }}_column_{{ i }} = {{ place }} % {{ across }}u;
  let {{ side }}_term_{{ i }} = {{ place }} / {{ across }}u;
  let {{ side }}_at_{{ i }} = {{ side }}_at + min({{ side }}_first + {{ side }}_column_{{ i }}, {{ side }}_cells - 1u);
//% endif
  var {{ side }}_{{ i }} = vec4f(0.0);
//% endfor
//% endfor
  for (var turn = 0u; turn < terms + {{ depth * parts }}u; turn += {{ depth * parts }}u) {
    let start = turn + part * DEPTH;
    let filled = (part * 2u + turn / {{ depth * parts }}u % 2u) * HALF;
    let ready = (part * 4u + 1u) * HALF - filled;
    if (turn < terms) {
//% for side, factor, across, loads in factors
//% for i in range(loads)
//% if factor.transposed
      {{ side }}_{{ i }} = {{ factor.buffer }}[{{ side }}_at_{{ i }} + min((start + {{ side }}_term_{{ i }}) / CELL, {{ side }}_cells - 1u)];
//% else
      {{ side }}_{{ i }} = {{ factor.buffer }}[{{ side }}_at_{{ i }} + min(start + {{ side }}_term_{{ i }}, terms - 1u) * {{ side }}_cells];
//% endif
//% endfor
//% endfor
//% for i in range(factors[0][3])
//% if left.has_bias_row
      left_{{ i }} = select(left_{{ i }}, ONE, left_first + left_column_{{ i }} == left_cells);
//% endif
      left_{{ i }} = select(vec4f(0.0), left_{{ i }}, start + left_term_{{ i }} < terms);
//% endfor
    }
    if (turn > 0u) {
      let left_ready = ready + band;
      let right_ready = ready + DEPTH * LEFT_TERM + lane;
//% for k in range(depth)
      {
//% for g in range(rows // 4)
        let value_{{ g }} = shared_vectors[left_ready + {{ k }}u * LEFT_TERM + {{ g * bands }}u];
//% endfor
//% for c in range(columns)
        let factor_{{ c }} = shared_vectors[right_ready + {{ k }}u * RIGHT_TERM + {{ c * lanes }}u];
//% endfor
//% for r in range(rows)
//% for c in range(columns)
        sum_{{ r }}_{{ c }} += value_{{ r // 4 }}[{{ r % 4 }}] * factor_{{ c }};
//% endfor
//% endfor
      }
//% endfor
    }
//% for side, factor, across, loads in factors
//% set half = "filled" if side == "left" else "filled + DEPTH * LEFT_TERM"
//% for i in range(loads)
//% if factor.transposed
//% for j in range(4)
    shared_vectors[{{ half }} + ({{ side }}_term_{{ i }} + {{ j }}u) * {{ side | upper }}_TERM + {{ side }}_line_{{ i }} / CELL][{{ side }}_line_{{ i }} % CELL] = {{ side }}_{{ i }}[{{ j }}];
//% endfor
//% else
    shared_vectors[{{ half }} + {{ side }}_term_{{ i }} * {{ side | upper }}_TERM + {{ side }}_column_{{ i }}] = {{ side }}_{{ i }};
//% endif
//% endfor
//% endfor
    workgroupBarrier();
  }
