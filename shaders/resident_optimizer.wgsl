// One parameter's step in the resident kernel, as PyTorch defines adam, adamw and sgd, with elastic net in its gradient. A macro, since the
// parameter p and its moments m and v lie in registers; optimizer.wgsl is its twin for parameters in buffers.
//% macro optimise(p, m, v, gradient, l1, l2)
{
  var gradient = {{ gradient }};
//% if elastic_net
  gradient += {{ l1 }} * sign({{ p }}) + 2.0 * {{ l2 }} * {{ p }};
//% endif
//% if optimizer == "adamw"
  {{ p }} *= 1.0 - step.learning_rate * optimizer.weight_decay;
//% elif weight_decay
  gradient += optimizer.weight_decay * {{ p }};
//% endif
//% if optimizer == "sgd"
//% if momentum
  {{ m }} = optimizer.momentum * {{ m }} + gradient;
  gradient = {{ "fma(optimizer.momentum, %s, gradient)" % m if nesterov else m }};
//% endif
  {{ p }} -= step.learning_rate * gradient;
//% else
  {{ m }} = optimizer.beta_1 * {{ m }} + optimizer.one_minus_beta_1 * gradient;
  {{ v }} = optimizer.beta_2 * {{ v }} + optimizer.one_minus_beta_2 * gradient * gradient;
  {{ p }} -= rate * {{ m }} / (sqrt({{ v }} * step.second_correction) + optimizer.epsilon);
//% endif
}
//% endmacro
