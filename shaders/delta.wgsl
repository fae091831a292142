// One layer backward: the loss's derivative by the previous layer's activation argument.
// An invocation computes {{ rows }} samples by one Cell of four of the previous layer's neurons.
//% include "common.wgsl"
//% include "activation.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let step = steps[at.step];
  let layer = layers[at.layer];
  let row = group.y * {{ rows }}u;
  let column = group.x * {{ lanes }}u + lane.x;
  let cells = layer.stride / CELL;
  let input_cells = layer.input_stride / CELL;
  if (row >= step.samples || column >= input_cells) {
    return;
  }
  let weights = layer.parameters / CELL + column * CELL * cells;
  let deltas = layer.delta / CELL + row * cells;
//% for r in range(rows)
  var sum_{{ r }} = Cell(0.0);
//% endfor
  for (var n = 0u; n < cells; n++) {
//% for j in range(4)
    let weight_{{ j }} = parameters[weights + {{ j }}u * cells + n];
//% endfor
//% for r in range(rows)
    {
      let delta = activity[deltas + {{ r }}u * cells + n];
      sum_{{ r }} += vec4f({% for j in range(4) %}dot(delta, weight_{{ j }}){{ ", " if j < 3 }}{% endfor %});
    }
//% endfor
  }
//% for r in range(rows)
  {
    let place = (row + {{ r }}u) * input_cells + column;
    var derivative = sum_{{ r }} * slope(activity[layer.previous_argument / CELL + place]);
//% if dropout
    let element = (row + {{ r }}u) * layer.inputs + column * CELL;
    derivative *= dropout_cell(element, hashed(step.dropout_key + at.layer), step.hidden_threshold, step.hidden_scale);
//% endif
    activity[layer.previous_delta / CELL + place] = clipped(derivative, column * CELL, layer.inputs);
  }
//% endfor
}
