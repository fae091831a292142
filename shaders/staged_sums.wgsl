  // Adds the block's products to the sums, out of workgroup memory: each invocation brings in its share of both factors, then multiplies what all brought.
  // Wants `left` and `right`: the buffer of a factor, and whether a vector there holds four terms of one line (`of_terms`) or one term of four lines, which
  // are the block's rows or columns; `left_at`, `left_cells`, `left_first` and the same of the right one: where it lies, how many vectors long its rows
  // are, where the block begins, in fours of lines; `left_lines`, of a factor of_terms: how many it has; and `terms`, the same in the whole workgroup.
  // Nobody may write a part of a vector of which others write the rest, which some hardware loses: so four vectors of_terms are transposed when multiplied.
//% set height, width, team = rows * bands // 4, lanes * columns, lanes * bands
//% set left_loads, right_loads = depth * height // team, depth * width // team
//% set factors = [("left", left, height, left_loads), ("right", right, width, right_loads)]
  let member = local % (LANES * BANDS);
//% for side, factor, across, loads in factors
//% for i in range(loads)
//% set place = "(member + %du)" % (i * team)
//% if factor.of_terms
  let {{ side }}_line_{{ i }} = {{ place }} / {{ depth // 4 }}u;
  let {{ side }}_term_{{ i }} = {{ place }} % {{ depth // 4 }}u * CELL;
  let {{ side }}_slot_{{ i }} = ({{ side }}_term_{{ i }} + {{ side }}_line_{{ i }} % CELL) * {{ side | upper }}_TERM + {{ side }}_line_{{ i }} / CELL;
  let {{ side }}_at_{{ i }} = {{ side }}_at + min({{ side }}_first * CELL + {{ side }}_line_{{ i }}, {{ side }}_lines - 1u) * {{ side }}_cells;
//% else
  let {{ side }}_column_{{ i }} = {{ place }} % {{ across }}u;
  let {{ side }}_term_{{ i }} = {{ place }} / {{ across }}u;
  let {{ side }}_slot_{{ i }} = {{ side }}_term_{{ i }} * {{ side | upper }}_TERM + {{ side }}_column_{{ i }};
  let {{ side }}_at_{{ i }} = {{ side }}_at + min({{ side }}_first + {{ side }}_column_{{ i }}, {{ side }}_cells - 1u);
//% endif
  var {{ side }}_{{ i }} = vec4f(0.0);
//% endfor
//% endfor
  // What is filled in a turn was last read in the turn before, and is read in the next: a barrier at its end keeps both apart. The last turn only reads.
  for (var turn = 0u; turn < terms + TURN; turn += TURN) {
    let start = turn + part * DEPTH;
    let half = turn / TURN % 2u;
    let filled = (part * 2u + half) * HALF;
    let ready = (part * 2u + 1u - half) * HALF;
    if (turn < terms) {
//% for side, factor, across, loads in factors
//% for i in range(loads)
//% if factor.of_terms
      {{ side }}_{{ i }} = {{ factor.buffer }}[{{ side }}_at_{{ i }} + min((start + {{ side }}_term_{{ i }}) / CELL, {{ side }}_cells - 1u)];
//% else
      {{ side }}_{{ i }} = {{ factor.buffer }}[{{ side }}_at_{{ i }} + min(start + {{ side }}_term_{{ i }}, terms - 1u) * {{ side }}_cells];
//% endif
//% endfor
//% endfor
//% for i in range(left_loads)
//% if left.has_bias_row
      left_{{ i }} = select(left_{{ i }}, ONE, left_first + left_column_{{ i }} == left_cells);
//% endif
      left_{{ i }} = select(vec4f(0.0), left_{{ i }}, start + left_term_{{ i }} < terms);
//% endfor
    }
    if (turn > 0u) {
      let left_ready = ready + band;
      let right_ready = ready + DEPTH * LEFT_TERM + lane;
//% for k in range(0, depth, 4)
      {
//% for side, factor, count, apart in (("left", left, rows // 4, bands), ("right", right, columns, lanes))
//% if factor.of_terms
//% for j in range(4)
//% for n in range(count)
        let {{ side }}_{{ n }}_line_{{ j }} = shared_vectors[{{ side }}_ready + {{ k + j }}u * {{ side | upper }}_TERM + {{ n * apart }}u];
//% endfor
//% endfor
//% endif
//% endfor
//% for j in range(4)
//% for side, factor, count, apart in (("left", left, rows // 4, bands), ("right", right, columns, lanes))
//% for n in range(count)
//% if not factor.of_terms
        let {{ side }}_{{ n }}_term_{{ j }} = shared_vectors[{{ side }}_ready + {{ k + j }}u * {{ side | upper }}_TERM + {{ n * apart }}u];
//% elif side == "right"
        let right_{{ n }}_term_{{ j }} = vec4f({% for line in range(4) %}right_{{ n }}_line_{{ line }}[{{ j }}]{{ ", " if line < 3 }}{% endfor %});
//% endif
//% endfor
//% endfor
//% for r in range(rows)
//% set value = "left_%d_line_%d[%d]" % (r // 4, r % 4, j) if left.of_terms else "left_%d_term_%d[%d]" % (r // 4, j, r % 4)
//% for c in range(columns)
        sum_{{ r }}_{{ c }} += {{ value }} * right_{{ c }}_term_{{ j }};
//% endfor
//% endfor
//% endfor
      }
//% endfor
    }
//% for side, factor, across, loads in factors
//% for i in range(loads)
    shared_vectors[filled + {{ "DEPTH * LEFT_TERM + " if side == "right" }}{{ side }}_slot_{{ i }}] = {{ side }}_{{ i }};
//% endfor
//% endfor
    workgroupBarrier();
  }
