// Loss and hits of a population's networks over the same samples. A workgroup evaluates {{ lanes * side_by_side }} samples of one network, {{ side_by_side }} an invocation, whose
// sums stay in registers; it leaves its own total.
//% set evaluates_population = true
//% include "common.wgsl"
//% include "activation.wgsl"
//% set layer_count = sizes | length - 1
//% set cells = []
//% for size in sizes[1:]
//% set _ = cells.append(-(-size // 4))
//% endfor

var<workgroup> totals: array<vec2f, {{ lanes }}>;

@compute @workgroup_size({{ lanes }})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let member = group.y;
  let base = member * constants.parameter_count / CELL;
  let first = at.first_sample + group.x * {{ lanes * side_by_side }}u + lane;
  let last = at.first_sample + at.samples - 1u;
//% for s in range(side_by_side)
  let sample_{{ s }} = min(first + {{ s * lanes }}u, last);
  let image_{{ s }} = sample_{{ s }} * constants.image_words;
//% endfor

  let weights_0 = base + layers[0].parameters / CELL;
//% for c in range(cells[0])
  let bias_0_{{ c }} = parameters[weights_0 + layers[0].input_stride * {{ cells[0] }}u + {{ c }}u];
//% for s in range(side_by_side)
  var z_1_{{ c }}_{{ s }} = bias_0_{{ c }};
//% endfor
//% endfor
  for (var word = 0u; word < constants.image_words; word++) {
//% for s in range(side_by_side)
    let pixels_{{ s }} = unpack4x8unorm(images[image_{{ s }} + word]);
//% endfor
//% for j in range(4)
//% for c in range(cells[0])
    {
      let weight = parameters[weights_0 + (word * 4u + {{ j }}u) * {{ cells[0] }}u + {{ c }}u];
//% for s in range(side_by_side)
      z_1_{{ c }}_{{ s }} += pixels_{{ s }}[{{ j }}] * weight;
//% endfor
    }
//% endfor
//% endfor
  }

//% for l in range(1, layer_count)
  let weights_{{ l }} = base + layers[{{ l }}].parameters / CELL;
//% for c in range(cells[l])
  let bias_{{ l }}_{{ c }} = parameters[weights_{{ l }} + layers[{{ l }}].input_stride * {{ cells[l] }}u + {{ c }}u];
//% for s in range(side_by_side)
  var z_{{ l + 1 }}_{{ c }}_{{ s }} = bias_{{ l }}_{{ c }};
//% endfor
//% endfor
//% for i in range(cells[l - 1])
//% for s in range(side_by_side)
  let a_{{ l }}_{{ i }}_{{ s }} = activated(z_{{ l }}_{{ i }}_{{ s }});
//% endfor
//% for j in range(4)
//% if 4 * i + j < sizes[l]
//% for c in range(cells[l])
  {
    let weight = parameters[weights_{{ l }} + {{ (4 * i + j) * cells[l] + c }}u];
//% for s in range(side_by_side)
    z_{{ l + 1 }}_{{ c }}_{{ s }} += a_{{ l }}_{{ i }}_{{ s }}[{{ j }}] * weight;
//% endfor
  }
//% endfor
//% endif
//% endfor
//% endfor
//% endfor

  var total = vec2f(0.0);
//% set classes = sizes[layer_count]
//% for s in range(side_by_side)
  {
    let label = indices[constants.labels + sample_{{ s }}];
    var best = 0u;
    var highest = z_{{ layer_count }}_0_{{ s }}[0];
    var of_label = 0.0;
    var powers = 0.0;
    var squares = 0.0;
//% for k in range(classes)
    {
      let output = z_{{ layer_count }}_{{ k // 4 }}_{{ s }}[{{ k % 4 }}];
      if (output > highest) {
        highest = output;
        best = {{ k }}u;
      }
      of_label = select(of_label, output, label == {{ k }}u);
      let difference = output - select(0.0, 1.0, label == {{ k }}u);
      squares += difference * difference;
    }
//% endfor
//% for k in range(classes)
    powers += exp(z_{{ layer_count }}_{{ k // 4 }}_{{ s }}[{{ k % 4 }}] - highest);
//% endfor
    let loss = {{ "log(powers) + highest - of_label" if loss == "cross_entropy" else "0.5 * squares" }};
    total += select(vec2f(0.0), vec2f(loss, select(0.0, 1.0, best == label)), first + {{ s * lanes }}u <= last);
  }
//% endfor
  totals[lane] = total;
  workgroupBarrier();
  if (lane == 0u) {
    var sum = vec2f(0.0);
    for (var i = 0u; i < {{ lanes }}u; i++) {
      sum += totals[i];
    }
    let place = 2u * (member * groups.x + group.x);
    tally[place] = sum.x;
    tally[place + 1u] = sum.y;
  }
}
