// The loss of every sample. One invocation a sample.
//% include "common.wgsl"
//% include "sample_loss.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = steps[at.step];
  if (id.x < step.samples) {
    take_loss(step, layers[at.layer], id.x);
  }
}
