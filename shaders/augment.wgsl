// Brings the batch's images, distorted, into the first layer's activity, with input dropout. One invocation a pixel; gather.wgsl does it without distortion.
//% include "common.wgsl"
//% include "noise.wgsl"

fn pixel(sample: u32, row: i32, column: i32) -> f32 {
  if (row < 0 || column < 0 || row >= i32(constants.height) || column >= i32(constants.width)) {
    return 0.0;
  }
  let place = u32(row) * constants.width + u32(column);
  return unpack4x8unorm(images[sample * constants.image_words + place / 4u])[place % 4u];
}

fn displacement(row: u32, axis: u32, y: u32, x: u32) -> f32 {
  let rows = constants.height + 2u * constants.smoothing_radius;
  let first = constants.field + ((row * 2u + axis) * rows + y) * constants.width + x;
  var total = 0.0;
  for (var d = 0u; d < 2u * constants.smoothing_radius + 1u; d++) {
    total += smoothing(d) * activity[first + d * constants.width];
  }
  return total * constants.elastic_alpha;
}

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = steps[at.step];
  let row = id.y;
  if (id.x >= constants.height * constants.width || row >= step.samples) {
    return;
  }
  let key = hashed(step.augmentation_key);
  let draws = row * 8u;
  let share = step.distortion;
  let angle = noise(draws, key) * share * constants.rotation;
  let row_scale = 1.0 + noise(draws + 1u, key) * share * constants.scale;
  let column_scale = 1.0 + noise(draws + 2u, key) * share * constants.scale;
  let shear = noise(draws + 3u, key) * share * constants.shear;
  let shift = vec2f(noise(draws + 4u, key), noise(draws + 5u, key)) * share * constants.shift;

  let y = id.x / constants.width;
  let x = id.x % constants.width;
  let centre = vec2f(f32(constants.height - 1u), f32(constants.width - 1u)) / 2.0;
  let r = (f32(y) - centre.x) * row_scale;
  let c = (f32(x) - centre.y) * column_scale + shear * r;
  var place = centre + vec2f(cos(angle) * r - sin(angle) * c, sin(angle) * r + cos(angle) * c) + shift;
//% if elastic
  place += share * vec2f(displacement(row, 0u, y, x), displacement(row, 1u, y, x));
//% endif

  let sample = indices[constants.order + step.first + row];
  let corner = floor(place);
  let part = place - corner;
  let top = i32(corner.x);
  let left = i32(corner.y);
  let above = mix(pixel(sample, top, left), pixel(sample, top, left + 1), part.y);
  let below = mix(pixel(sample, top + 1, left), pixel(sample, top + 1, left + 1), part.y);
  var value = mix(above, below, part.x);
//% if dropout
  value *= dropout_cell(row * layers[0].inputs + id.x, hashed(step.dropout_key), step.input_threshold, step.input_scale);
//% endif
  activity[values_of(layers[0], at.step) + row * layers[0].input_stride + id.x] = value;
}
