// Layer normalisation (Ba et al., 2016) of one layer's weighted sums, then the learned gain and shift, the activation and hidden dropout. A team a sample.
//% include "common.wgsl"
//% include "activation.wgsl"
//% include "team.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let step = steps[at.step];
  let row = {{ "group.x" if team > 1 else "group.x * %du + local" % lanes }};
  let member = {{ "local" if team > 1 else "0u" }};
  if (row >= step.samples) {
    return;
  }
  let layer = layers[at.layer];
  let gains = layer.parameters + (layer.input_stride + 1u) * layer.stride;
  let shifts = gains + layer.stride;
  let sums = layer.sums + row * layer.stride;
  let shifted = layer.shifted + row * layer.stride;
  let outputs = layer.outputs_at + row * layer.stride;

  var total = 0.0;
  for (var n = member; n < layer.outputs; n += {{ team }}u) {
    total += activity[sums + n];
  }
  let mean = team_sum(member, total) / f32(layer.outputs);
  var squares = 0.0;
  for (var n = member; n < layer.outputs; n += {{ team }}u) {
    let difference = activity[sums + n] - mean;
    squares += difference * difference;
  }
  let inverse_deviation = 1.0 / sqrt(team_sum(member, squares) / f32(layer.outputs) + 1e-5);
  for (var n = member; n < layer.outputs; n += {{ team }}u) {
    let normalised = (activity[sums + n] - mean) * inverse_deviation;
    let argument = normalised * parameters[gains + n] + parameters[shifts + n];
    activity[sums + n] = normalised;
    activity[shifted + n] = argument;
    var output = activated(argument);
//% if dropout
    output *= dropout_cell(row * layer.outputs + n, hashed(step.dropout_key + at.layer + 1u), step.hidden_threshold, step.hidden_scale);
//% endif
    activity[outputs + n] = output;
  }
  for (var n = layer.outputs + member; n < layer.stride; n += {{ team }}u) {
    activity[outputs + n] = 0.0;
  }
  // The backward pass wants it once more; the place of the delta is free until then.
  if (member == 0u) {
    activity[layer.delta + row * layer.stride] = inverse_deviation;
  }
}
