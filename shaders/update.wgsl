// The weights' and biases' gradient, summed over the batch, and at once their step: no gradient is ever stored.
// An invocation owns {{ rows }} rows (inputs) by one Cell of columns; the biases are the row after the last input's, whose input is 1.
//% include "common.wgsl"
//% include "optimizer.wgsl"
//% set vector = cell == "vec4f"

fn elastic_net(parameter: Cell, l1: f32, l2: f32) -> Cell {
  return l1 * sign(parameter) + 2.0 * l2 * parameter;
}

@compute @workgroup_size({{ lanes }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let step = steps[at.step];
  let layer = layers[at.layer];
  let row = group.y * {{ rows }}u;
  let column = group.x * {{ lanes }}u + lane.x;
  let cells = layer.stride / CELL;
  let input_cells = layer.input_stride / CELL;
  if (row > layer.input_stride || column >= cells) {
    return;
  }
  let values = (layer.values + row) / CELL;
  let deltas = layer.delta / CELL + column;
//% for i in range(rows)
  var gradient_{{ i }} = Cell(0.0);
//% endfor
  for (var sample = 0u; sample < step.samples; sample++) {
    let delta = activity[deltas + sample * cells];
//% if vector
//% for g in range(rows // 4)
    let value_{{ g }} = select(activity[values + sample * input_cells + {{ g }}u], vec4f(1.0, 0.0, 0.0, 0.0), row + {{ 4 * g }}u == layer.input_stride);
//% for j in range(4)
    gradient_{{ 4 * g + j }} += value_{{ g }}[{{ j }}] * delta;
//% endfor
//% endfor
//% else
//% for i in range(rows)
    gradient_{{ i }} += select(activity[values + sample * input_cells + {{ i }}u], 1.0, row + {{ i }}u == layer.input_stride) * delta;
//% endfor
//% endif
  }
//% for i in range(rows)
  {
    let is_bias = {{ "row + %du == layer.input_stride" % i if i % 4 == 0 else "false" }};
    if (row + {{ i }}u < layer.inputs || is_bias) {
      let place = layer.parameters / CELL + (row + {{ i }}u) * cells + column;
//% if elastic_net
      gradient_{{ i }} += elastic_net(parameters[place], select(step.weight_l1, step.bias_l1, is_bias), select(step.weight_l2, step.bias_l2, is_bias));
//% endif
      optimise(place, gradient_{{ i }}, step);
    }
  }
//% endfor
}
