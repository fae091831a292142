// The resident plan: one workgroup trains a whole small network for many steps; nothing leaves it in between. The population plan: as many workgroups as
// networks, all of one shape, each with its own hyperparameters.
//
// A subgroup owns a neuron of the first hidden layer: its lanes hold that neuron's weights and their moments in registers, every {{ lanes }}th pixel a lane, so that
// the first layer's sums are subgroup additions and its gradient needs none. What comes after the first layer is small: every subgroup computes all of it
// for itself, a lane a neuron, {{ lanes // width }} sample(s) side by side, without a barrier. The small layers' parameters lie in workgroup memory, twice: this
// step's are read while the next step's are written, each by the invocation that owns it. The next batch is fetched while this one is worked on.
// Its parts: resident_step.wgsl, resident_images.wgsl, resident_small_layers.wgsl, resident_optimizer.wgsl.
//% include "common.wgsl"
//% include "activation.wgsl"
//% set pixels_a_lane = -(-inputs // lanes)
//% set image_floats = pixels_a_lane * lanes
//% set threads = lanes * sizes[1]
//% set layer_count = sizes | length - 1
//% set words_a_thread = -(-(batch * words) // threads)
//% set side_by_side = lanes // width
//% set rows = -(-batch // side_by_side)
//% set owned = -(-small // threads)

var<workgroup> pixels: array<f32, {{ 2 * batch * image_floats }}>;
var<workgroup> first_sums: array<f32, {{ 2 * batch * sizes[1] }}>;
var<workgroup> small_parameters: array<f32, {{ 2 * small }}>;
//% from "resident_optimizer.wgsl" import optimise with context
//% include "resident_step.wgsl"
//% include "resident_images.wgsl"
//% include "resident_small_layers.wgsl"

@compute @workgroup_size({{ threads }})
fn main(
  @builtin(workgroup_id) group_id: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_size) subgroup_size: u32,
) {
  let member = group_id.x;
//% if population
  let optimizer = members[member].optimizer;
  let count = select(0u, at.steps, members[member].trained == 1u);
//% else
  let optimizer = constants.optimizer;
  let count = at.steps;
//% endif
  let base = member * constants.parameter_count;
  let unit = thread / {{ lanes }}u;
  let lane = thread % {{ lanes }}u;
  let neuron = lane % {{ width }}u;
  let group = lane - neuron;
  let beside = lane / {{ width }}u;
  let first_layer = layers[0];
  let own_column = base + first_layer.parameters + unit;
//% for k in range(pixels_a_lane)
  let place_{{ k }} = own_column + min({{ k * lanes }}u + lane, {{ inputs - 1 }}u) * first_layer.stride;
  let used_{{ k }} = {{ "true" if (k + 1) * lanes <= inputs else "%du + lane < %du" % (k * lanes, inputs) }};
  var w_{{ k }} = select(0.0, parameters[place_{{ k }}], used_{{ k }});
  var m_{{ k }} = select(0.0, first_moment[place_{{ k }}], used_{{ k }});
  var v_{{ k }} = select(0.0, second_moment[place_{{ k }}], used_{{ k }});
//% endfor
  let bias_place = own_column + first_layer.input_stride * first_layer.stride;
  var bias = parameters[bias_place];
  var bias_m = first_moment[bias_place];
  var bias_v = second_moment[bias_place];
//% for o in range(owned)
  let index_{{ o }} = {{ o * threads }}u + thread;
  let small_place_{{ o }} = place_of(min(index_{{ o }}, {{ small - sizes[1] - 1 }}u), base);
  var p_{{ o }} = parameters[small_place_{{ o }}];
  var pm_{{ o }} = first_moment[small_place_{{ o }}];
  var pv_{{ o }} = second_moment[small_place_{{ o }}];
  if (index_{{ o }} < {{ small - sizes[1] }}u) {
    small_parameters[index_{{ o }}] = p_{{ o }};
  }
//% endfor
  // The first layer's biases come last.
  if (lane == 0u) {
    small_parameters[{{ small - sizes[1] }}u + unit] = bias;
  }
  for (var i = thread; i < {{ 2 * batch * image_floats }}u; i += {{ threads }}u) {
    pixels[i] = 0.0;
  }
  workgroupBarrier();
  var next = step_at(0u, member);
//% for i in range(words_a_thread)
  keep(next, {{ i * threads }}u + thread, fetched(next, min({{ i * threads }}u + thread, {{ batch * words - 1 }}u)), 0u);
//% endfor
  workgroupBarrier();

  var loss = 0.0;
  var hits = 0.0;
  for (var number = 0u; number < count; number++) {
    let step = next;
    next = step_at(min(number + 1u, count - 1u), member);
    let half = number & 1u;
    let now = half * {{ small }}u;
    let then = {{ small }}u - now;
    let images_now = half * {{ batch * image_floats }}u + lane;
    let sums_now = half * {{ batch * sizes[1] }}u;
    let rate = step.learning_rate * step.first_correction;
    let per_sample = 1.0 / f32(step.samples);
//% for i in range(words_a_thread)
    let word_{{ i }} = fetched(next, min({{ i * threads }}u + thread, {{ batch * words - 1 }}u));
//% endfor
//% for r in range(rows)
    let sample_{{ r }} = {{ r * side_by_side }}u + beside;
    let label_{{ r }} = label_of(step, sample_{{ r }});
    let counts_{{ r }} = sample_{{ r }} < step.samples;
//% endfor

    // The first layer.
//% for b in range(batch)
    var sum_{{ b }} = 0.0;
//% for k in range(pixels_a_lane)
    sum_{{ b }} = fma(w_{{ k }}, pixels[images_now + {{ b * image_floats + k * lanes }}u], sum_{{ b }});
//% endfor
    sum_{{ b }} = subgroupAdd(sum_{{ b }});
//% endfor
    if (lane == 0u) {
//% for b in range(batch)
      first_sums[sums_now + {{ b * sizes[1] }}u + unit] = sum_{{ b }};
//% endfor
    }
    workgroupBarrier();
//% for r in range(rows)
    let z_1_{{ r }} = first_sums[sums_now + min(sample_{{ r }}, {{ batch - 1 }}u) * {{ sizes[1] }}u + min(neuron, {{ sizes[1] - 1 }}u)]
      + small_parameters[now + {{ small - sizes[1] }}u + min(neuron, {{ sizes[1] - 1 }}u)];
//% endfor

    // The layers after it.
//% set ns = namespace(start=0)
//% for l in range(1, layer_count)
//% for r in range(rows)
    var a_{{ l }}_{{ r }} = activated(z_{{ l }}_{{ r }});
//% if hidden_dropout
    let kept_{{ l }}_{{ r }} = dropout(sample_{{ r }} * {{ sizes[l] }}u + neuron, hashed(step.dropout_key + {{ l }}u), step.hidden_threshold, step.hidden_scale);
    a_{{ l }}_{{ r }} *= kept_{{ l }}_{{ r }};
//% endif
//% endfor
    let start_{{ l }} = now + {{ ns.start }}u;
    let column_{{ l }} = start_{{ l }} + min(neuron, {{ sizes[l + 1] - 1 }}u);
//% for r in range(rows)
    var z_{{ l + 1 }}_{{ r }} = small_parameters[column_{{ l }} + {{ sizes[l] * sizes[l + 1] }}u];
//% endfor
//% for i in range(sizes[l])
    {
      let weight = small_parameters[column_{{ l }} + {{ i * sizes[l + 1] }}u];
//% for r in range(rows)
      z_{{ l + 1 }}_{{ r }} = fma(subgroupShuffle(a_{{ l }}_{{ r }}, group + {{ i }}u), weight, z_{{ l + 1 }}_{{ r }});
//% endfor
    }
//% endfor
//% set ns.start = ns.start + (sizes[l] + 1) * sizes[l + 1]
//% endfor

    // The loss, and its derivative by the outputs.
//% set last = layer_count
//% set classes = sizes[last]
//% for r in range(rows)
    let output_{{ r }} = select(-1e30, z_{{ last }}_{{ r }}, neuron < {{ classes }}u);
    var highest_{{ r }} = output_{{ r }};
//% for x in halvings
    highest_{{ r }} = max(highest_{{ r }}, subgroupShuffleXor(highest_{{ r }}, {{ x }}u));
//% endfor
    let target_{{ r }} = step.label_smoothing / {{ classes }}.0 + select(0.0, 1.0 - step.label_smoothing, neuron == label_{{ r }});
//% if loss == "cross_entropy"
    let power_{{ r }} = exp(output_{{ r }} - highest_{{ r }});
    var total_{{ r }} = power_{{ r }};
//% for x in halvings
    total_{{ r }} += subgroupShuffleXor(total_{{ r }}, {{ x }}u);
//% endfor
    let share_{{ r }} = -target_{{ r }} * (output_{{ r }} - highest_{{ r }} - log(total_{{ r }}));
    var d_{{ last }}_{{ r }} = power_{{ r }} / total_{{ r }} - target_{{ r }};
//% else
    var d_{{ last }}_{{ r }} = output_{{ r }} - target_{{ r }};
    let share_{{ r }} = 0.5 * d_{{ last }}_{{ r }} * d_{{ last }}_{{ r }};
//% endif
    let valid_{{ r }} = counts_{{ r }} && neuron < {{ classes }}u;
    d_{{ last }}_{{ r }} = select(0.0, d_{{ last }}_{{ r }} * per_sample, valid_{{ r }});
    loss += select(0.0, share_{{ r }}, valid_{{ r }});
    hits += select(0.0, 1.0, valid_{{ r }} && neuron == label_{{ r }} && output_{{ r }} == highest_{{ r }});
//% endfor

    // Backward through the small layers.
//% for l in range(layer_count - 1, 1, -1)
//% for r in range(rows)
    var d_{{ l }}_{{ r }} = 0.0;
//% endfor
    let row_{{ l }} = start_{{ l }} + min(neuron, {{ sizes[l] - 1 }}u) * {{ sizes[l + 1] }}u;
//% for o in range(sizes[l + 1])
    {
      let weight = small_parameters[row_{{ l }} + {{ o }}u];
//% for r in range(rows)
      d_{{ l }}_{{ r }} = fma(subgroupShuffle(d_{{ l + 1 }}_{{ r }}, group + {{ o }}u), weight, d_{{ l }}_{{ r }});
//% endfor
    }
//% endfor
//% for r in range(rows)
    d_{{ l }}_{{ r }} *= slope(z_{{ l }}_{{ r }}){{ " * kept_%d_%d" % (l, r) if hidden_dropout }};
//% endfor
//% endfor

    // The derivative by this subgroup's own neuron, for every sample.
    let own_row = start_1 + unit * {{ sizes[2] }}u + min(neuron, {{ sizes[2] - 1 }}u);
    let own_weight = select(0.0, small_parameters[own_row], neuron < {{ sizes[2] }}u);
//% for r in range(rows)
    var own_{{ r }} = own_weight * d_2_{{ r }};
//% for x in halvings
    own_{{ r }} += subgroupShuffleXor(own_{{ r }}, {{ x }}u);
//% endfor
    own_{{ r }} *= subgroupShuffle(slope(z_1_{{ r }}){{ " * kept_1_%d" % r if hidden_dropout }}, group + unit);
//% endfor
//% for b in range(batch)
    let delta_{{ b }} = subgroupShuffle(own_{{ b // side_by_side }}, {{ b % side_by_side * width }}u);
//% endfor

    // The first layer's step.
//% for k in range(pixels_a_lane)
    {
      var slopes = 0.0;
//% for b in range(batch)
      slopes = fma(delta_{{ b }}, pixels[images_now + {{ b * image_floats + k * lanes }}u], slopes);
//% endfor
      {{ optimise("w_%d" % k, "m_%d" % k, "v_%d" % k, "slopes", "step.weight_l1", "step.weight_l2") | indent(6) }}
    }
//% endfor
    var bias_slopes = 0.0;
//% for b in range(batch)
    bias_slopes += delta_{{ b }};
//% endfor
    {{ optimise("bias", "bias_m", "bias_v", "bias_slopes", "step.bias_l1", "step.bias_l2") | indent(4) }}
    if (lane == 0u) {
      small_parameters[then + {{ small - sizes[1] }}u + unit] = bias;
    }
//% if max_norm
    {
      var squares = 0.0;
//% for k in range(pixels_a_lane)
      squares = fma(w_{{ k }}, w_{{ k }}, squares);
//% endfor
      let length = sqrt(subgroupAdd(squares));
      let factor = select(1.0, step.max_norm / max(length, 1e-15), length > step.max_norm);
//% for k in range(pixels_a_lane)
      w_{{ k }} *= factor;
//% endfor
    }
//% endif

    // The small layers' steps, a parameter an invocation.
//% for o in range(owned)
    {
      var slopes = 0.0;
      var rest = index_{{ o }};
      var is_bias = false;
//% for l in range(1, layer_count)
      {
        let count = {{ (sizes[l] + 1) * sizes[l + 1] }}u;
        let here = rest < count;
        let row = min(rest / {{ sizes[l + 1] }}u, {{ sizes[l] }}u);
        let column = rest % {{ sizes[l + 1] }}u;
        var gradient = 0.0;
//% for r in range(rows)
//% for s in range(side_by_side)
        gradient = fma(
          select(subgroupShuffle(a_{{ l }}_{{ r }}, {{ s * width }}u + min(row, {{ width - 1 }}u)), 1.0, row == {{ sizes[l] }}u),
          subgroupShuffle(d_{{ l + 1 }}_{{ r }}, {{ s * width }}u + column),
          gradient,
        );
//% endfor
//% endfor
        slopes = select(slopes, gradient, here);
        is_bias = select(is_bias, row == {{ sizes[l] }}u, here);
        rest = select(rest - count, 0xffffffffu, here);
      }
//% endfor
      {{ optimise("p_%d" % o, "pm_%d" % o, "pv_%d" % o, "slopes", "select(step.weight_l1, step.bias_l1, is_bias)", "select(step.weight_l2, step.bias_l2, is_bias)") | indent(6) }}
      if (index_{{ o }} < {{ small - sizes[1] }}u) {
        small_parameters[then + index_{{ o }}] = p_{{ o }};
      }
    }
//% endfor
//% for i in range(words_a_thread)
    keep(next, {{ i * threads }}u + thread, word_{{ i }}, 1u - half);
//% endfor
    workgroupBarrier();
//% if max_norm
//% for o in range(owned)
    let factor_{{ o }} = small_factor(then, index_{{ o }}, step.max_norm);
//% endfor
    workgroupBarrier();
//% for o in range(owned)
    p_{{ o }} *= factor_{{ o }};
    if (index_{{ o }} < {{ small - sizes[1] }}u) {
      small_parameters[then + index_{{ o }}] = p_{{ o }};
    }
//% endfor
    workgroupBarrier();
//% endif
  }

//% for k in range(pixels_a_lane)
  if (used_{{ k }}) {
    parameters[place_{{ k }}] = w_{{ k }};
    first_moment[place_{{ k }}] = m_{{ k }};
    second_moment[place_{{ k }}] = v_{{ k }};
  }
//% endfor
  if (lane == 0u) {
    parameters[bias_place] = bias;
    first_moment[bias_place] = bias_m;
    second_moment[bias_place] = bias_v;
  }
//% for o in range(owned)
  if (index_{{ o }} < {{ small - sizes[1] }}u) {
    parameters[small_place_{{ o }}] = p_{{ o }};
    first_moment[small_place_{{ o }}] = pm_{{ o }};
    second_moment[small_place_{{ o }}] = pv_{{ o }};
  }
//% endfor
  let whole_loss = subgroupAdd(loss);
  let whole_hits = subgroupAdd(hits);
  if (thread == 0u) {
//% if not population
    // Asked for no steps, it tells how wide the device's subgroups are.
    tally[2] = select(tally[2], f32(subgroup_size), at.steps == 0u);
//% endif
    tally[2u * member] += whole_loss;
    tally[2u * member + 1u] += whole_hits;
  }
}
