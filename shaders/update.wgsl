// The weights' and biases' gradient, summed over the batch, and at once their step: no gradient is ever stored.
// A workgroup owns a block of {{ rows * bands }} rows (inputs) by {{ lanes * columns }} Cells of neurons, of one layer a grid plane; the biases are the row after the last input's, whose input is 1.
//% include "common.wgsl"
//% include "optimizer.wgsl"
//% include "partial_sums.wgsl"

const ONE = vec4f(1.0, 0.0, 0.0, 0.0);
//% if broadcast

// The four rows' values that an invocation loads for all: `place` counts the block's fours, one sample's after another's.
fn loaded_values(start: u32, samples: u32, values: u32, input_cells: u32, row: u32, bias_row: u32, place: u32) -> vec4f {
  let sample = min(start + place / {{ rows // 4 }}u, samples - 1u);
  let quad = place % {{ rows // 4 }}u;
  return select(activity[values + sample * input_cells + quad], ONE, row + 4u * quad == bias_row);
}
//% endif

fn finish(step: Step, layer: Layer, row: u32, column: u32, loss_gradient: vec4f) {
  let cells = layer.stride / CELL;
  let is_bias = row == layer.input_stride;
  if (!(row < layer.inputs || is_bias) || column >= cells) {
    return;
  }
  let place = layer.parameters / CELL + row * cells + column;
  var gradient = loss_gradient;
//% if elastic_net
  let parameter = parameters[place];
  gradient += select(step.weight_l1, step.bias_l1, is_bias) * sign(parameter);
  gradient += 2.0 * select(step.weight_l2, step.bias_l2, is_bias) * parameter;
//% endif
  optimise(place, gradient, step);
}

@compute @workgroup_size({{ lanes * parts * bands }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let step = steps[at.step];
  let layer = layers[at.layer + group.z];
  let lane = local % LANES;
  let band = local / LANES % BANDS;
  let part = local / (LANES * BANDS);
  let row = first_row(group, band);
  let column = first_column(group, lane);
  let cells = layer.stride / CELL;
  let input_cells = layer.input_stride / CELL;
//% for i in range(rows)
//% for c in range(columns)
  var sum_{{ i }}_{{ c }} = vec4f(0.0);
//% endfor
//% endfor
//% if depth
//% set left, right = {"buffer": "activity", "of_terms": false, "has_bias_row": true}, {"buffer": "activity", "of_terms": false}
  let left_at = values_of(layer, at.step) / CELL;
  let left_cells = input_cells;
  let left_first = group.y * HEIGHT;
  let right_at = layer.delta / CELL;
  let right_cells = cells;
  let right_first = group.x * WIDTH;
  let terms = select(0u, step.samples, left_first <= input_cells && right_first < cells);
//% include "staged_sums.wgsl"
//% else
  let values = (values_of(layer, at.step) + row) / CELL;
//% if broadcast
  let samples = select(0u, step.samples, row <= layer.input_stride);
  let deltas = layer.delta / CELL + min(column, cells - 1u);
//% else
  let samples = select(0u, step.samples, column < cells && row <= layer.input_stride);
  let deltas = layer.delta / CELL + column;
//% endif
  for (var start = part * UNROLL; start < samples; start += {{ parts * unroll }}u) {
//% for u in range(unroll)
    let sample_{{ u }} = {{ "start" if unroll == 1 else "min(start + %du, samples - 1u)" % u }};
    let used_{{ u }} = start + {{ u }}u < samples;
//% for c in range(columns)
    let delta_{{ u }}_{{ c }} = {{ "" if unroll == 1 else "select(vec4f(0.0), " }}activity[deltas + sample_{{ u }} * cells + {{ c }}u]{{ "" if unroll == 1 else ", used_%d)" % u }};
//% endfor
//% for g in range(0 if broadcast else rows // 4)
    let value_{{ u }}_{{ g }} = select(activity[values + sample_{{ u }} * input_cells + {{ g }}u], ONE, row + {{ 4 * g }}u == layer.input_stride);
//% endfor
//% endfor
//% if broadcast
//% set quads = rows // 4
//% for first in range(0, unroll * quads, lanes)
    let loaded_{{ first // lanes }} = loaded_values(start, samples, values, input_cells, row, layer.input_stride, {{ first }}u + local);
//% endfor
//% for g in range(quads)
//% for u in range(unroll)
    let value_{{ u }}_{{ g }} = subgroupBroadcast(loaded_{{ (u * quads + g) // lanes }}, {{ (u * quads + g) % lanes }}u);
//% endfor
//% for j in range(4)
//% for c in range(columns)
//% for u in range(unroll)
    sum_{{ 4 * g + j }}_{{ c }} += value_{{ u }}_{{ g }}[{{ j }}] * delta_{{ u }}_{{ c }};
//% endfor
//% endfor
//% endfor
//% endfor
//% else
//% for u in range(unroll)
//% for g in range(rows // 4)
//% for j in range(4)
//% for c in range(columns)
    sum_{{ 4 * g + j }}_{{ c }} += value_{{ u }}_{{ g }}[{{ j }}] * delta_{{ u }}_{{ c }};
//% endfor
//% endfor
//% endfor
//% endfor
//% endif
  }
//% endif
//% if parts > 1
//% for c in range(columns)
//% if c
  workgroupBarrier();
//% endif
//% for i in range(rows)
  keep_partial_sum(lane, part, band * ROWS + {{ i }}u, sum_{{ i }}_{{ c }});
//% endfor
  workgroupBarrier();
  for (var r = part; r < ROWS; r += {{ parts }}u) {
    finish(step, layer, row + row_offset(r), column + column_offset({{ c }}u), whole_sum(lane, band * ROWS + r));
  }
//% endfor
//% else
//% for i in range(rows)
//% for c in range(columns)
  finish(step, layer, row + row_offset({{ i }}u), column + column_offset({{ c }}u), sum_{{ i }}_{{ c }});
//% endfor
//% endfor
//% endif
}
