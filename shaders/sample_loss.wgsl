// One sample's loss, whether it is a hit, and the loss's derivative by its outputs.

fn take_loss(step: Step, layer: Layer, row: u32) {
  let cells = layer.stride / CELL;
  let classes = layer.outputs;
  let outputs = (layer.sums + row * layer.stride) / CELL;
  let delta = (layer.delta + row * layer.stride) / CELL;
  let label = indices[constants.labels + indices[constants.order + step.first + row]];
  let spread = step.label_smoothing / f32(classes);
  let per_sample = 1.0 / f32(step.samples);

  var best = 0u;
  var highest = activity[outputs][0];
  for (var n = 0u; n < cells; n++) {
    let output = activity[outputs + n];
//% for j in range(4)
    if (n * CELL + {{ j }}u < classes && output[{{ j }}] > highest) {
      highest = output[{{ j }}];
      best = n * CELL + {{ j }}u;
    }
//% endfor
  }
//% if loss == "cross_entropy"
  var total = 0.0;
  for (var n = 0u; n < cells; n++) {
    total += dot(clipped(exp(activity[outputs + n] - highest), n * CELL, classes), vec4f(1.0));
  }
  let log_total = log(total);
//% endif
  var loss = 0.0;
  for (var n = 0u; n < cells; n++) {
    let column = n * CELL;
    let hit = vec4u(column, column + 1u, column + 2u, column + 3u) == vec4u(label);
    let target_values = spread + select(vec4f(0.0), vec4f(1.0 - step.label_smoothing), hit);
//% if loss == "cross_entropy"
    let log_probability = activity[outputs + n] - highest - log_total;
    loss -= dot(clipped(target_values * log_probability, column, classes), vec4f(1.0));
    activity[delta + n] = clipped((exp(log_probability) - target_values) * per_sample, column, classes);
//% else
    let difference = clipped(activity[outputs + n] - target_values, column, classes);
    loss += 0.5 * dot(difference, difference);
    activity[delta + n] = difference * per_sample;
//% endif
  }
  tally[at.tally + 2u * row] += loss;
  tally[at.tally + 2u * row + 1u] += select(0.0, 1.0, best == label);
}
