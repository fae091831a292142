// Shrinks each neuron's incoming weights to the most that they may measure. One invocation a neuron, one layer a grid plane.
//% include "common.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let layer = layers[at.layer + id.z];
  let limit = steps[at.step].max_norm;
  let neuron = id.x;
  if (neuron >= layer.outputs) {
    return;
  }
  let weights = layer.parameters + neuron;
  var squares = 0.0;
  for (var k = 0u; k < layer.inputs; k++) {
    let weight = parameters[weights + k * layer.stride];
    squares += weight * weight;
  }
  let too_long = squares > limit * limit;
  let factor = limit / sqrt(max(squares, 1e-30));
  for (var k = 0u; k < select(0u, layer.inputs, too_long); k++) {
    parameters[weights + k * layer.stride] *= factor;
  }
}
