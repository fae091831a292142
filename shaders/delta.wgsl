// One layer backward: the loss's derivative by the previous layer's activation argument.
// A workgroup computes a block of {{ rows * bands }} samples by {{ lanes * columns }} Cells of the previous layer's neurons.
// Where it reads the weights themselves, its parts, not its lanes, lie side by side, so that they read a row together.
//% include "common.wgsl"
//% include "activation.wgsl"
//% include "partial_sums.wgsl"
//% include "previous_delta.wgsl"

@compute @workgroup_size({{ lanes * parts * bands }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let step = steps[at.step];
  let layer = layers[at.layer];
//% if depth
  let lane = local % LANES;
  let band = local / LANES % BANDS;
  let part = local / (LANES * BANDS);
//% else
  let part = local % PARTS;
  let lane = local / PARTS % LANES;
  let band = local / (PARTS * LANES);
//% endif
  let row = first_row(group, band);
  let column = first_column(group, lane);
  let stride_cells = layer.stride / CELL;
  let input_cells = layer.input_stride / CELL;
//% for r in range(rows)
//% for c in range(columns)
  var sum_{{ r }}_{{ c }} = vec4f(0.0);
//% endfor
//% endfor
//% if depth
//% set left, right = {"buffer": "activity", "of_terms": true, "has_bias_row": false}, {"buffer": "parameters", "of_terms": true}
  let left_at = layer.delta / CELL;
  let left_cells = stride_cells;
  let left_first = group.y * HEIGHT;
  let left_lines = (left_first + HEIGHT) * CELL;  // the buffer has rows for whole blocks
  let right_at = layer.parameters / CELL;
  let right_cells = stride_cells;
  let right_first = group.x * WIDTH;
  let right_lines = layer.input_stride;
  let terms = select(0u, layer.stride, left_first * CELL < step.samples);
//% include "staged_sums.wgsl"
//% else
//% if broadcast
  let cells = select(0u, stride_cells, row < step.samples);
//% else
  let cells = select(0u, stride_cells, row < step.samples && column < input_cells);
//% endif
//% for c in range(columns)
  let weights_{{ c }} = (layer.parameters + {{ "min(column + %du, input_cells - 1u)" % c if broadcast or columns > 1 else "column" }} * CELL * layer.stride) / CELL;
//% endfor
  let deltas = (layer.delta + row * layer.stride) / CELL;
//% if broadcast
  let own_row = min(local, ROWS - 1u);
//% endif
  for (var start = part * UNROLL; start < cells; start += {{ parts * unroll }}u) {
//% for u in range(unroll)
    let n_{{ u }} = {{ "start" if unroll == 1 else "min(start + %du, cells - 1u)" % u }};
    let used_{{ u }} = start + {{ u }}u < cells;
//% for c in range(columns)
//% for j in range(4)
    let weight_{{ u }}_{{ j }}_{{ c }} = parameters[weights_{{ c }} + {{ j }}u * stride_cells + n_{{ u }}];
//% endfor
//% endfor
//% if broadcast
//% for first in range(0, rows, lanes)
    let loaded_{{ u }}_{{ first // lanes }} = activity[deltas + ({{ first }}u + own_row) * stride_cells + n_{{ u }}];
//% endfor
//% endif
//% for r in range(rows)
//% if broadcast
    let delta_{{ u }}_{{ r }} = subgroupBroadcast(loaded_{{ u }}_{{ r // lanes }}, {{ r % lanes }}u);
//% else
    let delta_{{ u }}_{{ r }} = activity[deltas + {{ r }}u * stride_cells + n_{{ u }}];
//% endif
//% endfor
//% endfor
//% for u in range(unroll)
//% for r in range(rows)
    {
      let delta = {{ "delta_0_%d" % r if unroll == 1 else "select(vec4f(0.0), delta_%d_%d, used_%d)" % (u, r, u) }};
//% for c in range(columns)
      sum_{{ r }}_{{ c }} += vec4f({% for j in range(4) %}dot(delta, weight_{{ u }}_{{ j }}_{{ c }}){{ ", " if j < 3 }}{% endfor %});
//% endfor
    }
//% endfor
//% endfor
  }
//% endif
//% if parts > 1
//% for c in range(columns)
//% if c
  workgroupBarrier();
//% endif
//% for r in range(rows)
  keep_partial_sum(lane, part, band * ROWS + {{ r }}u, sum_{{ r }}_{{ c }});
//% endfor
  workgroupBarrier();
  for (var r = part; r < ROWS; r += {{ parts }}u) {
    finish_previous(step, layer, row + row_offset(r), column + column_offset({{ c }}u), whole_sum(lane, band * ROWS + r));
  }
//% endfor
//% else
//% for r in range(rows)
//% for c in range(columns)
  finish_previous(step, layer, row + row_offset({{ r }}u), column + column_offset({{ c }}u), sum_{{ r }}_{{ c }});
//% endfor
//% endfor
//% endif
}
