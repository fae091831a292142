// One layer forward: matrix product and bias; the activation and hidden dropout unless layer normalisation comes between.
// A workgroup computes a block of {{ rows * bands }} samples by {{ lanes * columns }} Cells of neurons. The output layer's, where the block is wide enough, goes on to the loss
// and, in training, to the delta of the layer before it.
//% if gathers
// The workgroups of further layers of the grid, meanwhile, bring the next step's images in.
//% endif
//% include "common.wgsl"
//% include "activation.wgsl"
//% include "partial_sums.wgsl"
//% if loss
//% include "sample_loss.wgsl"
//% endif
//% if backward
//% include "previous_delta.wgsl"
//% endif
//% if gathers
//% include "input_cell.wgsl"

fn gather_ahead(group: vec3u, groups: vec3u, local: u32) {
  let next = at.step + 1u;
  let cell = ((group.z - 1u) * groups.y + group.y) * {{ lanes * parts * bands }}u + local;
  let row = cell / constants.image_words;
  if (row < steps[next].samples) {
    bring_pixels(next, row, cell % constants.image_words);
  }
}
//% endif

fn finish(step: Step, layer: Layer, row: u32, column: u32, sum: vec4f) {
  let cells = layer.stride / CELL;
  if (column >= cells) {
    return;
  }
  let biased = sum + parameters[(layer.parameters + layer.input_stride * layer.stride) / CELL + column];
  let place = row * cells + column;
  activity[layer.sums / CELL + place] = biased;
//% if activates
  let first = column * CELL;
  var output = activated(biased);
//% if dropout
  output *= dropout_cell(row * layer.outputs + first, hashed(step.dropout_key + at.layer + 1u), step.hidden_threshold, step.hidden_scale);
//% endif
  activity[layer.outputs_at / CELL + place] = clipped(output, first, layer.outputs);
//% endif
}

@compute @workgroup_size({{ lanes * parts * bands }})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
//% if gathers
  if (group.z > 0u) {
    gather_ahead(group, groups, local);
    return;
  }
//% endif
  let step = steps[at.step];
  let layer = layers[at.layer];
  let lane = local % LANES;
  let band = local / LANES % BANDS;
  let part = local / (LANES * BANDS);
  let row = first_row(group, band);
  let column = first_column(group, lane);
  let cells = layer.stride / CELL;
//% for r in range(rows)
//% for c in range(columns)
  var sum_{{ r }}_{{ c }} = vec4f(0.0);
//% endfor
//% endfor
//% if depth
//% set left, right = {"buffer": "activity", "of_terms": true, "has_bias_row": false}, {"buffer": "parameters", "of_terms": false}
  let left_at = values_of(layer, at.step) / CELL;
  let left_cells = layer.input_stride / CELL;
  let left_first = group.y * HEIGHT;
  let left_lines = (left_first + HEIGHT) * CELL;  // the buffer has rows for whole blocks
  let right_at = layer.parameters / CELL;
  let right_cells = cells;
  let right_first = group.x * WIDTH;
  let terms = select(0u, layer.input_stride, left_first * CELL < step.samples);
//% include "staged_sums.wgsl"
//% else
//% if broadcast
  let input_cells = select(0u, layer.input_stride / CELL, row < step.samples);
  let weights = layer.parameters / CELL + min(column, cells - 1u);
//% else
  let input_cells = select(0u, layer.input_stride / CELL, row < step.samples && column < cells);
  let weights = layer.parameters / CELL + column;
//% endif
  let values = (values_of(layer, at.step) + row * layer.input_stride) / CELL;
//% if broadcast
  let own_row = min(local, ROWS - 1u);
//% endif
  for (var start = part * UNROLL; start < input_cells; start += {{ parts * unroll }}u) {
//% for u in range(unroll)
    let k_{{ u }} = {{ "start" if unroll == 1 else "min(start + %du, input_cells - 1u)" % u }};
    let used_{{ u }} = start + {{ u }}u < input_cells;
//% if broadcast
//% for first in range(0, rows, lanes)
    let loaded_{{ u }}_{{ first // lanes }} = {{ "" if unroll == 1 else "select(vec4f(0.0), " }}activity[values + ({{ first }}u + own_row) * input_cells + k_{{ u }}]{{ "" if unroll == 1 else ", used_%d)" % u }};
//% endfor
//% endif
//% for r in range(rows)
//% if broadcast
    let value_{{ u }}_{{ r }} = subgroupBroadcast(loaded_{{ u }}_{{ r // lanes }}, {{ r % lanes }}u);
//% else
    let value_{{ u }}_{{ r }} = {{ "" if unroll == 1 else "select(vec4f(0.0), " }}activity[values + {{ r }}u * input_cells + k_{{ u }}]{{ "" if unroll == 1 else ", used_%d)" % u }};
//% endif
//% endfor
//% for j in range(4)
//% for c in range(columns)
    let weight_{{ u }}_{{ j }}_{{ c }} = parameters[weights + (k_{{ u }} * CELL + {{ j }}u) * cells + {{ c }}u];
//% endfor
//% endfor
//% endfor
//% if broadcast
//% for r in range(rows)
//% for c in range(columns)
//% for u in range(unroll)
//% for j in range(4)
    sum_{{ r }}_{{ c }} += value_{{ u }}_{{ r }}[{{ j }}] * weight_{{ u }}_{{ j }}_{{ c }};
//% endfor
//% endfor
//% endfor
//% endfor
//% else
//% for u in range(unroll)
//% for j in range(4)
//% for c in range(columns)
//% for r in range(rows)
    sum_{{ r }}_{{ c }} += value_{{ u }}_{{ r }}[{{ j }}] * weight_{{ u }}_{{ j }}_{{ c }};
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
//% for r in range(rows)
  keep_partial_sum(lane, part, band * ROWS + {{ r }}u, sum_{{ r }}_{{ c }});
//% endfor
  workgroupBarrier();
  for (var r = part; r < ROWS; r += {{ parts }}u) {
    finish(step, layer, row + row_offset(r), column + column_offset({{ c }}u), whole_sum(lane, band * ROWS + r));
  }
//% endfor
//% else
//% for c in range(columns)
//% for r in range(rows)
  finish(step, layer, row + row_offset({{ r }}u), column + column_offset({{ c }}u), sum_{{ r }}_{{ c }});
//% endfor
//% endfor
//% endif
//% if loss
  storageBarrier();
  workgroupBarrier();
  let sample = group.y * BANDS * ROWS + local;
  if (local < BANDS * ROWS && sample < step.samples) {
    take_loss(step, layer, sample);
  }
//% endif
//% if backward
  storageBarrier();
  workgroupBarrier();
  let previous_cells = layer.input_stride / CELL;
  for (var place = local; place < BANDS * ROWS * previous_cells; place += {{ lanes * parts * bands }}u) {
    let previous_row = group.y * BANDS * ROWS + place / previous_cells;
    let previous_column = place % previous_cells;
    if (previous_row < step.samples) {
      var sum = vec4f(0.0);
      for (var n = 0u; n < cells; n++) {
        let delta = activity[(layer.delta + previous_row * layer.stride) / CELL + n];
        let row_weights = (layer.parameters + previous_column * CELL * layer.stride) / CELL + n;
        sum += vec4f({% for j in range(4) %}dot(delta, parameters[row_weights + {{ j }}u * cells]){{ ", " if j < 3 }}{% endfor %});
      }
      finish_previous(step, layer, previous_row, previous_column, sum);
    }
  }
//% endif
}
