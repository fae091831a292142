// The activation and its slope, both from the activation's argument. exp and tanh get arguments that no driver turns into NaN.

fn sigmoid(z: Cell) -> Cell {
  return 1.0 / (1.0 + exp(-clamp(z, Cell(-80.0), Cell(80.0))));
}

fn bounded_tanh(z: Cell) -> Cell {
  return tanh(clamp(z, Cell(-15.0), Cell(15.0)));
}

const GELU_SCALE = 0.7978845608028654;  // sqrt(2 / pi)
const GELU_CUBIC = 0.044715;

fn activated(z: Cell) -> Cell {
//% if activation == "relu"
  return max(z, Cell(0.0));
//% elif activation == "leaky_relu"
  return max(z, 0.01 * z);
//% elif activation == "elu"
  return select(exp(min(z, Cell(0.0))) - 1.0, z, z > Cell(0.0));
//% elif activation == "gelu"
  return 0.5 * z * (1.0 + bounded_tanh(GELU_SCALE * z * (1.0 + GELU_CUBIC * z * z)));
//% elif activation == "sigmoid"
  return sigmoid(z);
//% elif activation == "swish"
  return z * sigmoid(z);
//% elif activation == "tanh"
  return bounded_tanh(z);
//% else
  return z;
//% endif
}

fn slope(z: Cell) -> Cell {
//% if activation == "relu"
  return select(Cell(0.0), Cell(1.0), z > Cell(0.0));
//% elif activation == "leaky_relu"
  return select(Cell(0.01), Cell(1.0), z > Cell(0.0));
//% elif activation == "elu"
  return exp(min(z, Cell(0.0)));
//% elif activation == "gelu"
  let t = bounded_tanh(GELU_SCALE * z * (1.0 + GELU_CUBIC * z * z));
  return 0.5 * (1.0 + t) + 0.5 * z * (1.0 - t * t) * GELU_SCALE * (1.0 + 3.0 * GELU_CUBIC * z * z);
//% elif activation == "sigmoid"
  let s = sigmoid(z);
  return s * (1.0 - s);
//% elif activation == "swish"
  let s = sigmoid(z);
  return s * (1.0 + z * (1.0 - s));
//% elif activation == "tanh"
  let t = bounded_tanh(z);
  return 1.0 - t * t;
//% else
  return Cell(1.0);
//% endif
}
