// The gradient and the step of layer normalisation's gains and shifts, one layer a grid plane. {{ parts }} invocation(s) a neuron, each with every {{ parts }}th sample.
//% include "common.wgsl"
//% include "optimizer.wgsl"
//% if parts > 1

var<workgroup> partial_gradients: array<vec2f, {{ lanes * parts }}>;
//% endif

@compute @workgroup_size({{ lanes * parts }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let step = steps[at.step];
  let layer = layers[at.layer + group.z];
  let neuron = group.x * {{ lanes }}u + local % {{ lanes }}u;
  let part = local / {{ lanes }}u;
  let samples = select(0u, step.samples, neuron < layer.outputs);
  var gradients = vec2f(0.0);
  for (var sample = part; sample < samples; sample += {{ parts }}u) {
    let place = sample * layer.stride + neuron;
    let derivative = activity[layer.shifted + place];
    gradients += vec2f(derivative * activity[layer.sums + place], derivative);
  }
//% if parts > 1
  partial_gradients[local] = gradients;
  workgroupBarrier();
  gradients = vec2f(0.0);
//% for part in range(parts)
  gradients += partial_gradients[{{ part * lanes }}u + local % {{ lanes }}u];
//% endfor
//% endif
  if (part == 0u && neuron < layer.outputs) {
    let gain = layer.parameters + (layer.input_stride + 1u) * layer.stride + neuron;
    optimise(gain, gradients.x, step);
    optimise(gain + layer.stride, gradients.y, step);
  }
}
