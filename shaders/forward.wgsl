// One layer forward: matrix product and bias; the activation and hidden dropout unless layer normalisation comes between.
// An invocation computes a block of {{ rows }} samples by {{ columns }} Cells; its neighbours in the workgroup the Cells beside it.
//% include "common.wgsl"
//% include "activation.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let step = steps[at.step];
  let layer = layers[at.layer];
  let row = group.y * {{ rows }}u;
  let column = (group.x * {{ lanes }}u + lane.x) * {{ columns }}u;
  let cells = layer.stride / CELL;
  let input_cells = layer.input_stride / CELL;
  if (row >= step.samples || column >= cells) {
    return;
  }
  let weights = layer.parameters / CELL + column;
  let values = layer.values / CELL + row * input_cells;
  let bias = weights + layer.input_stride * cells;
//% for c in range(columns)
//% for r in range(rows)
  var sum_{{ r }}_{{ c }} = parameters[bias + {{ c }}u];
//% endfor
//% endfor
  for (var k = 0u; k < input_cells; k++) {
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
//% for c in range(columns)
  if (column + {{ c }}u < cells) {
    let first = (column + {{ c }}u) * CELL;
//% for r in range(rows)
    {
      let place = (row + {{ r }}u) * cells + column + {{ c }}u;
      activity[layer.sums / CELL + place] = sum_{{ r }}_{{ c }};
//% if activation
      var output = activated(sum_{{ r }}_{{ c }});
//% if dropout
      let element = (row + {{ r }}u) * layer.outputs + first;
      output *= dropout_cell(element, hashed(step.dropout_key + at.layer + 1u), step.hidden_threshold, step.hidden_scale);
//% endif
      activity[layer.outputs_at / CELL + place] = clipped(output, first, layer.outputs);
//% endif
    }
//% endfor
  }
//% endfor
}
