// One layer forward: matrix product and bias; the activation and hidden dropout unless layer normalisation comes between.
// A workgroup computes a block of {{ rows }} samples by {{ lanes * columns }} Cells of neurons.
//% include "common.wgsl"
//% include "activation.wgsl"
//% include "partial_sums.wgsl"

fn finish(step: Step, layer: Layer, row: u32, column: u32, sum: vec4f) {
  let cells = layer.stride / CELL;
  if (column >= cells) {
    return;
  }
  let biased = sum + parameters[(layer.parameters + layer.input_stride * layer.stride) / CELL + column];
  let place = row * cells + column;
  activity[layer.sums / CELL + place] = biased;
//% if activation
  let first = column * CELL;
  var output = activated(biased);
//% if dropout
  output *= dropout_cell(row * layer.outputs + first, hashed(step.dropout_key + at.layer + 1u), step.hidden_threshold, step.hidden_scale);
//% endif
  activity[layer.outputs_at / CELL + place] = clipped(output, first, layer.outputs);
//% endif
}

@compute @workgroup_size({{ lanes * parts }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let step = steps[at.step];
  let layer = layers[at.layer];
  let lane = local % LANES;
  let part = local / LANES;
  let row = group.y * ROWS;
  let column = (group.x * LANES + lane) * COLUMNS;
  let cells = layer.stride / CELL;
  let input_cells = select(0u, layer.input_stride / CELL, row < step.samples && column < cells);
  let weights = layer.parameters / CELL + column;
  let values = (layer.values + row * layer.input_stride) / CELL;
//% for r in range(rows)
//% for c in range(columns)
  var sum_{{ r }}_{{ c }} = vec4f(0.0);
//% endfor
//% endfor
  for (var k = part; k < input_cells; k += {{ parts }}u) {
//% for r in range(rows)
    let value_{{ r }} = activity[values + {{ r }}u * input_cells + k];
//% endfor
//% for j in range(4)
    {
      let row_weights = weights + (k * CELL + {{ j }}u) * cells;
//% for c in range(columns)
      let weight_{{ c }} = parameters[row_weights + {{ c }}u];
//% for r in range(rows)
      sum_{{ r }}_{{ c }} += value_{{ r }}[{{ j }}] * weight_{{ c }};
//% endfor
//% endfor
    }
//% endfor
  }
//% if parts > 1
//% for r in range(rows)
//% for c in range(columns)
  keep_partial_sum(lane, part, {{ r }}u, {{ c }}u, sum_{{ r }}_{{ c }});
//% endfor
//% endfor
  workgroupBarrier();
  for (var r = part; r < ROWS; r += {{ parts }}u) {
//% for c in range(columns)
    finish(step, layer, row + r, column + {{ c }}u, whole_sum(lane, r, {{ c }}u));
//% endfor
  }
//% else
//% for c in range(columns)
//% for r in range(rows)
  finish(step, layer, row + {{ r }}u, column + {{ c }}u, sum_{{ r }}_{{ c }});
//% endfor
//% endfor
//% endif
}
