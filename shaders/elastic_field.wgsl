// The random field of elastic distortion (Simard et al., 2003), smoothed along the rows; augment.wgsl smooths it along the columns. One invocation a value.
// The field reaches beyond the image by the smoothing's radius, above and below.
//% include "common.wgsl"
//% include "noise.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = steps[at.step];
  let radius = constants.smoothing_radius;
  let rows = constants.height + 2u * radius;
  let sample = id.y;
  if (id.x >= 2u * rows * constants.width || sample >= step.samples) {
    return;
  }
  let stride = constants.width + 2u * radius;
  let words = (2u * rows * stride + 3u) / 4u;
  let first = 4u * sample * words + id.x / constants.width * stride + id.x % constants.width;
  let key = hashed(step.augmentation_key + 1u);
  var total = 0.0;
  for (var d = 0u; d < 2u * radius + 1u; d++) {
    total += smoothing(d) * coarse_noise(first + d, key);
  }
  activity[constants.field + sample * 2u * rows * constants.width + id.x] = total;
}
