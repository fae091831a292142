// The weights' and biases' gradient, summed over the batch, and at once their step: no gradient is ever stored.
// An invocation owns {{ rows }} rows (inputs) by {{ columns }} Cells of columns; the biases are the row after the last input's, whose input is 1.
//% include "common.wgsl"
//% include "optimizer.wgsl"

const ONE = vec4f(1.0, 0.0, 0.0, 0.0);

fn elastic_net(parameter: Cell, l1: f32, l2: f32) -> Cell {
  return l1 * sign(parameter) + 2.0 * l2 * parameter;
}

@compute @workgroup_size({{ lanes }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let step = steps[at.step];
  let layer = layers[at.layer];
  let row = group.y * {{ rows }}u;
  let column = (group.x * {{ lanes }}u + lane.x) * {{ columns }}u;
  let cells = layer.stride / CELL;
  let input_cells = layer.input_stride / CELL;
  if (row > layer.input_stride || column >= cells) {
    return;
  }
  let values = layer.values / CELL + row / CELL;
  let deltas = layer.delta / CELL + column;
//% for i in range(rows)
//% for c in range(columns)
  var gradient_{{ i }}_{{ c }} = Cell(0.0);
//% endfor
//% endfor
  for (var sample = 0u; sample < step.samples; sample++) {
//% for c in range(columns)
    let delta_{{ c }} = activity[deltas + sample * cells + {{ c }}u];
//% endfor
//% for g in range(rows // 4)
    let value_{{ g }} = select(activity[values + sample * input_cells + {{ g }}u], ONE, row + {{ 4 * g }}u == layer.input_stride);
//% for j in range(4)
//% for c in range(columns)
    gradient_{{ 4 * g + j }}_{{ c }} += value_{{ g }}[{{ j }}] * delta_{{ c }};
//% endfor
//% endfor
//% endfor
  }
//% for i in range(rows)
//% for c in range(columns)
  {
    let is_bias = {{ "row + %du == layer.input_stride" % i if i % 4 == 0 else "false" }};
    if ((row + {{ i }}u < layer.inputs || is_bias) && column + {{ c }}u < cells) {
      let place = layer.parameters / CELL + (row + {{ i }}u) * cells + column + {{ c }}u;
//% if elastic_net
      let l1 = select(step.weight_l1, step.bias_l1, is_bias);
      let l2 = select(step.weight_l2, step.bias_l2, is_bias);
      gradient_{{ i }}_{{ c }} += elastic_net(parameters[place], l1, l2);
//% endif
      optimise(place, gradient_{{ i }}_{{ c }}, step);
    }
  }
//% endfor
//% endfor
}
