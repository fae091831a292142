// Turns the loss's derivative by the shifted sums into that by the weighted sums. One invocation a sample.
//% include "common.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= steps[at.step].samples) {
    return;
  }
  let layer = layers[at.layer];
  let gains = layer.parameters + (layer.input_stride + 1u) * layer.stride;
  let normalised = layer.sums + row * layer.stride;
  let derivatives = layer.shifted + row * layer.stride;
  let delta = layer.delta + row * layer.stride;
  let inverse_deviation = activity[delta];

  var total = 0.0;
  var projected = 0.0;
  for (var n = 0u; n < layer.outputs; n++) {
    let derivative = activity[derivatives + n] * parameters[gains + n];
    total += derivative;
    projected += derivative * activity[normalised + n];
  }
  let mean = total / f32(layer.outputs);
  let projection = projected / f32(layer.outputs);
  for (var n = 0u; n < layer.outputs; n++) {
    let derivative = activity[derivatives + n] * parameters[gains + n];
    activity[delta + n] = (derivative - mean - activity[normalised + n] * projection) * inverse_deviation;
  }
  for (var n = layer.outputs; n < layer.stride; n++) {
    activity[delta + n] = 0.0;
  }
}
