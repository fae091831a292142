// The loss, the hits, and the loss's derivative by the network's outputs. One invocation a sample.
//% include "common.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = steps[at.step];
  let row = id.x;
  if (row >= step.samples) {
    return;
  }
  let layer = layers[at.layer];
  let outputs = layer.sums + row * layer.stride;
  let delta = layer.delta + row * layer.stride;
  let label = indices[constants.labels + indices[constants.order + step.first + row]];
  let classes = layer.outputs;
  let spread = step.label_smoothing / f32(classes);
  let per_sample = 1.0 / f32(step.samples);

  var best = 0u;
  var highest = activity[outputs];
  for (var k = 1u; k < classes; k++) {
    let output = activity[outputs + k];
    if (output > highest) {
      highest = output;
      best = k;
    }
  }
  var loss = 0.0;
//% if loss == "cross_entropy"
  var total = 0.0;
  for (var k = 0u; k < classes; k++) {
    total += exp(activity[outputs + k] - highest);
  }
  let log_total = log(total);
//% endif
  for (var k = 0u; k < classes; k++) {
    let target_k = spread + select(0.0, 1.0 - step.label_smoothing, k == label);
//% if loss == "cross_entropy"
    let log_probability = activity[outputs + k] - highest - log_total;
    loss -= target_k * log_probability;
    activity[delta + k] = (exp(log_probability) - target_k) * per_sample;
//% else
    let difference = activity[outputs + k] - target_k;
    loss += 0.5 * difference * difference;
    activity[delta + k] = difference * per_sample;
//% endif
  }
  for (var k = classes; k < layer.stride; k++) {
    activity[delta + k] = 0.0;
  }
  metrics[at.metrics + 2u * row] += loss;
  metrics[at.metrics + 2u * row + 1u] += select(0.0, 1.0, best == label);
}
