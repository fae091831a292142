// What one step of this workgroup's network is: read off the schedule, and in a population put together from what its network has of its own.
fn step_at(number: u32, member: u32) -> Step {
//% if population
  let values = members[member];
  let moment = schedule[member * at.steps + number];
  let first = at.first_sample + number * {{ batch }}u;
  var step: Step;
  step.first = values.order + first;
  step.samples = min({{ batch }}u, at.samples - first);
  step.dropout_key = moment.dropout_key;
  step.input_threshold = values.input_threshold;
  step.hidden_threshold = values.hidden_threshold;
  step.input_scale = values.input_scale;
  step.hidden_scale = values.hidden_scale;
  step.learning_rate = moment.learning_rate;
  step.first_correction = moment.first_correction;
  step.second_correction = moment.second_correction;
  step.weight_l1 = values.weight_l1;
  step.weight_l2 = values.weight_l2;
  step.bias_l1 = values.bias_l1;
  step.bias_l2 = values.bias_l2;
  step.max_norm = values.max_norm;
  step.label_smoothing = values.label_smoothing;
  return step;
//% else
  return schedule[number];
//% endif
}
