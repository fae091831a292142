// Brings the batch's images into the first layer's activity. One invocation a word of four pixels.
//% include "common.wgsl"
//% include "input_cell.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = steps[at.step];
  if (id.x < constants.image_words && id.y < step.samples) {
    bring_pixels(step, at.step & 1u, id.y, id.x);
  }
}
