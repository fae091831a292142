// The exponential moving average of the parameters. The invocations take the Cells in turn.
//% include "common.wgsl"

@compute @workgroup_size({{ lanes }})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let invocations = groups.x * {{ lanes }}u;
  let decay = steps[at.step].average_decay;
  for (var place = id.x; place < constants.parameter_count / CELL; place += invocations) {
    average[place] = decay * average[place] + (1.0 - decay) * parameters[place];
  }
}
