// One layer backward: the loss's derivative by the previous layer's activation argument.
// A workgroup computes a block of {{ rows * bands }} samples by {{ lanes }} Cells of the previous layer's neurons.
// Its parts, not its lanes, lie side by side, so that they read a row of weights together.
//% include "common.wgsl"
//% include "activation.wgsl"
//% include "partial_sums.wgsl"
//% include "previous_delta.wgsl"

@compute @workgroup_size({{ lanes * parts * bands }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let step = steps[at.step];
  let layer = layers[at.layer];
  let part = local % PARTS;
  let lane = local / PARTS % LANES;
  let band = local / (PARTS * LANES);
  let row = (group.y * BANDS + band) * ROWS;
  let column = group.x * LANES + lane;
  let stride_cells = layer.stride / CELL;
  let cells = select(0u, stride_cells, row < step.samples && column < layer.input_stride / CELL);
  let weights = (layer.parameters + column * CELL * layer.stride) / CELL;
  let deltas = (layer.delta + row * layer.stride) / CELL;
//% for r in range(rows)
  var sum_{{ r }} = vec4f(0.0);
//% endfor
  for (var start = part * UNROLL; start < cells; start += {{ parts * unroll }}u) {
//% for u in range(unroll)
    let n_{{ u }} = {{ "start" if unroll == 1 else "min(start + %du, cells - 1u)" % u }};
    let used_{{ u }} = start + {{ u }}u < cells;
//% for j in range(4)
    let weight_{{ u }}_{{ j }} = parameters[weights + {{ j }}u * stride_cells + n_{{ u }}];
//% endfor
//% for r in range(rows)
    let delta_{{ u }}_{{ r }} = activity[deltas + {{ r }}u * stride_cells + n_{{ u }}];
//% endfor
//% endfor
//% for u in range(unroll)
//% for r in range(rows)
    {
      let delta = {{ "delta_0_%d" % r if unroll == 1 else "select(vec4f(0.0), delta_%d_%d, used_%d)" % (u, r, u) }};
      sum_{{ r }} += vec4f({% for j in range(4) %}dot(delta, weight_{{ u }}_{{ j }}){{ ", " if j < 3 }}{% endfor %});
    }
//% endfor
//% endfor
  }
//% if parts > 1
//% for r in range(rows)
  keep_partial_sum(lane, part, band * ROWS + {{ r }}u, 0u, sum_{{ r }});
//% endfor
  workgroupBarrier();
  for (var r = part; r < ROWS; r += {{ parts }}u) {
    finish_previous(step, layer, row + r, column, whole_sum(lane, band * ROWS + r, 0u));
  }
//% else
//% for r in range(rows)
  finish_previous(step, layer, row + {{ r }}u, column, sum_{{ r }});
//% endfor
//% endif
}
