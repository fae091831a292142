// Brings the batch's images into the first layer's activity: bytes to 0..1, with input dropout. One invocation a word of four pixels.
//% include "common.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = steps[at.step];
  let word = id.x;
  let row = id.y;
  if (word >= constants.image_words || row >= step.samples) {
    return;
  }
  let sample = indices[constants.order + step.first + row];
  var pixels = unpack4x8unorm(images[sample * constants.image_words + word]);
//% if dropout
  let element = row * layers[0].inputs + word * 4u;
  pixels *= dropout_cell(element, hashed(step.dropout_key), step.input_threshold, step.input_scale);
//% endif
  activity[layers[0].values / CELL + row * constants.image_words + word] = pixels;
}
