// Turns the loss's derivative by the shifted sums into that by the weighted sums. A team a sample.
//% include "common.wgsl"
//% include "team.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = {{ "group.x" if team > 1 else "group.x * %du + local" % lanes }};
  let member = {{ "local" if team > 1 else "0u" }};
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
  for (var n = member; n < layer.outputs; n += {{ team }}u) {
    let derivative = activity[derivatives + n] * parameters[gains + n];
    total += derivative;
    projected += derivative * activity[normalised + n];
  }
  let mean = team_sum(member, total) / f32(layer.outputs);
  let projection = team_sum(member, projected) / f32(layer.outputs);
  for (var n = member; n < layer.outputs; n += {{ team }}u) {
    let derivative = activity[derivatives + n] * parameters[gains + n];
    activity[delta + n] = (derivative - mean - activity[normalised + n] * projection) * inverse_deviation;
  }
  for (var n = layer.outputs + member; n < layer.stride; n += {{ team }}u) {
    activity[delta + n] = 0.0;
  }
}
