// One parameter's step, as PyTorch defines adam, adamw and sgd. The gradient is whole: elastic net included.

fn optimise(place: u32, loss_gradient: Cell, step: Step) {
  let optimizer = constants.optimizer;
  var parameter = parameters[place];
  var gradient = loss_gradient;
//% if optimizer == "adamw"
  parameter *= 1.0 - step.learning_rate * optimizer.weight_decay;
//% else
  gradient += optimizer.weight_decay * parameter;
//% endif
//% if optimizer == "sgd"
//% if momentum
  let momentum = optimizer.momentum * first_moment[place] + gradient;
  first_moment[place] = momentum;
//% if nesterov
  gradient += optimizer.momentum * momentum;
//% else
  gradient = momentum;
//% endif
//% endif
  parameters[place] = parameter - step.learning_rate * gradient;
//% else
  let first = optimizer.beta_1 * first_moment[place] + optimizer.one_minus_beta_1 * gradient;
  let second = optimizer.beta_2 * second_moment[place] + optimizer.one_minus_beta_2 * gradient * gradient;
  first_moment[place] = first;
  second_moment[place] = second;
  let rate = step.learning_rate * step.first_correction;
  parameters[place] = parameter - rate * first / (sqrt(second * step.second_correction) + optimizer.epsilon);
//% endif
}
