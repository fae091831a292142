// What every kernel shares: the buffers, the step and layer records, and the random numbers.
// A Cell is what an invocation loads, adds and stores at once: one float or four.

alias Cell = {{ cell }};

struct Step {
  first: u32,
  samples: u32,
  dropout_key: u32,
  input_threshold: u32,
  hidden_threshold: u32,
  input_scale: f32,
  hidden_scale: f32,
  learning_rate: f32,
  first_correction: f32,
  second_correction: f32,
  weight_l1: f32,
  weight_l2: f32,
  bias_l1: f32,
  bias_l2: f32,
  max_norm: f32,
  label_smoothing: f32,
  average_decay: f32,
  augmentation_key: u32,
  distortion: f32,     // the share of augmentation's limits that holds
  unused: f32,
}

// Counts and offsets in floats; all but inputs and outputs are multiples of four.
struct Layer {
  inputs: u32,
  outputs: u32,
  input_stride: u32,  // of the activity read, one row a sample
  stride: u32,        // of the parameters, one row an input, and of the activity written
  parameters: u32,
  values: u32,        // what the layer reads
  sums: u32,          // its weighted sums; normalised, with layer normalisation
  shifted: u32,       // the activation's argument; later, with layer normalisation, the loss's derivative by it
  outputs_at: u32,
  delta: u32,         // the loss's derivative by the weighted sums
  previous_argument: u32,  // the previous layer's activation argument
  previous_delta: u32,     // where the derivative by it goes
  alternate: u32,     // how much further the values lie in odd steps of a submit
  unused_0: u32,
  unused_1: u32,
  unused_2: u32,
}

struct Optimizer {
  beta_1: f32,
  beta_2: f32,
  one_minus_beta_1: f32,
  one_minus_beta_2: f32,
  epsilon: f32,
  weight_decay: f32,
  momentum: f32,
  unused: f32,
}

struct Constants {
  optimizer: Optimizer,
  labels: u32,         // where the labels begin in indices
  order: u32,          // where the order of samples begins in indices
  image_words: u32,    // u32 words an image
  parameter_count: u32,  // floats, padding included
  height: u32,
  width: u32,
  field: u32,          // where the elastic field lies in the activity
  smoothing_radius: u32,
  rotation: f32,       // augmentation's limits: radians, fractions, pixels
  scale: f32,
  shear: f32,
  shift: f32,
  elastic_alpha: f32,
  unused_0: f32,
  unused_1: f32,
  unused_2: f32,
  smoothing: array<vec4f, {{ smoothing_words }}>,  // the Gaussian's weights
}

//% if population
// One network of a population: what it does otherwise than the others, all along.
struct Member {
  input_threshold: u32,
  hidden_threshold: u32,
  input_scale: f32,
  hidden_scale: f32,
  weight_l1: f32,
  weight_l2: f32,
  bias_l1: f32,
  bias_l2: f32,
  max_norm: f32,
  label_smoothing: f32,
  order: u32,   // where its order of samples begins, from the first order on
  trained: u32,  // 1 where it is to be trained
  optimizer: Optimizer,
}

// ... and at one step.
struct Moment {
  learning_rate: f32,
  first_correction: f32,
  second_correction: f32,
  dropout_key: u32,
}

//% endif
// What a dispatch is told beside its buffers.
//% if resident
struct Immediates {
  steps: u32,         // how many to train
  first_sample: u32,  // population: where the first of them begins in the epoch's order of samples
  samples: u32,       // population: samples an epoch
}
//% elif evaluates_population is defined
struct Immediates {
  first_sample: u32,
  samples: u32,
  unused: u32,
}
//% else
struct Immediates {
  step: u32,     // which of the records in `steps`
  layer: u32,    // which of `layers`, or the first of several
  tally: u32,  // where the tally of this dispatch begins
}
//% endif

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<Cell>;
@group(0) @binding(3) var<storage, read_write> first_moment: array<Cell>;
@group(0) @binding(4) var<storage, read_write> second_moment: array<Cell>;
//% if resident
@group(0) @binding(5) var<storage, read_write> schedule: array<{{ "Moment" if population else "Step" }}>;
//% else
@group(0) @binding(5) var<storage, read_write> average: array<Cell>;
//% endif
//% if population
@group(0) @binding(6) var<storage, read_write> members: array<Member>;
//% else
@group(0) @binding(6) var<storage, read_write> activity: array<Cell>;
//% endif
@group(0) @binding(7) var<storage, read_write> tally: array<f32>;
@group(0) @binding(8) var<uniform> steps: array<Step, {{ steps }}>;
@group(0) @binding(9) var<uniform> layers: array<Layer, {{ layers }}>;
@group(0) @binding(10) var<uniform> constants: Constants;
var<immediate> at: Immediates;

const CELL = {{ 4 if cell == "vec4f" else 1 }}u;  // floats a Cell

// PCG-RXS-M-XS-32 of a counter; engine/counter_random.py is its twin.
fn hashed(counter: u32) -> u32 {
  let state = counter * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

// Where a layer's values of a step lie: those of the first layer alternate, so that the next step's can be brought in meanwhile.
fn values_of(layer: Layer, step: u32) -> u32 {
  return layer.values + (step & 1u) * layer.alternate;
}

// 0 where the element is dropped, else the scale of inverted dropout.
fn dropout(element: u32, key: u32, threshold: u32, scale: f32) -> f32 {
  return select(scale, 0.0, hashed(element ^ key) < threshold);
}

// The factors of one Cell, of elements side by side.
fn dropout_cell(element: u32, key: u32, threshold: u32, scale: f32) -> Cell {
//% if cell == "vec4f"
  return vec4f(
    dropout(element, key, threshold, scale),
    dropout(element + 1u, key, threshold, scale),
    dropout(element + 2u, key, threshold, scale),
    dropout(element + 3u, key, threshold, scale),
  );
//% else
  return dropout(element, key, threshold, scale);
//% endif
}

// A Cell of which only the floats below `count`, counted from `column`, are kept.
fn clipped(value: Cell, column: u32, count: u32) -> Cell {
//% if cell == "vec4f"
  return select(vec4f(0.0), value, vec4u(column, column + 1u, column + 2u, column + 3u) < vec4u(count));
//% else
  return select(0.0, value, column < count);
//% endif
}
