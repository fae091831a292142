// Brings the batch's images into the first layer's activity. One invocation a word of four pixels.
//% include "common.wgsl"
//% include "input_cell.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < constants.image_words && id.y < steps[at.step].samples) {
    bring_pixels(at.step, id.y, id.x);
  }
}
