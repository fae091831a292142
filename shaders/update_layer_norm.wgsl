// The gradient and the step of layer normalisation's gains and shifts. One invocation a neuron, one layer a grid plane.
//% include "common.wgsl"
//% include "optimizer.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = steps[at.step];
  let layer = layers[at.layer + id.z];
  let neuron = id.x;
  if (neuron >= layer.outputs) {
    return;
  }
  let gain = layer.parameters + (layer.input_stride + 1u) * layer.stride + neuron;
  var gain_gradient = 0.0;
  var shift_gradient = 0.0;
  for (var sample = 0u; sample < step.samples; sample++) {
    let derivative = activity[layer.shifted + sample * layer.stride + neuron];
    gain_gradient += derivative * activity[layer.sums + sample * layer.stride + neuron];
    shift_gradient += derivative;
  }
  optimise(gain, gain_gradient, step);
  optimise(gain + layer.stride, shift_gradient, step);
}
