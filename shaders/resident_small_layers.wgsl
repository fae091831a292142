// The small layers of the resident kernel, all but the first: where their parameters lie, and max-norm.

// Where a small layer's parameter lies in the flat buffer: `index` counts weights and then biases, layer after layer.
fn place_of(index: u32, base: u32) -> u32 {
  var rest = index;
//% for l in range(1, layer_count)
  if (rest < {{ (sizes[l] + 1) * sizes[l + 1] }}u) {
    let row = rest / {{ sizes[l + 1] }}u;
    return base + layers[{{ l }}].parameters + select(row, layers[{{ l }}].input_stride, row == {{ sizes[l] }}u) * layers[{{ l }}].stride + rest % {{ sizes[l + 1] }}u;
  }
  rest -= {{ (sizes[l] + 1) * sizes[l + 1] }}u;
//% endfor
  return base;
}
//% if max_norm

// What brings the weights of the parameter's neuron down to the limit; 1 for biases.
fn small_factor(start: u32, index: u32, limit: f32) -> f32 {
  var rest = index;
  var first = start;
//% for l in range(1, layer_count)
  if (rest < {{ sizes[l] * sizes[l + 1] }}u) {
    var squares = 0.0;
    for (var i = 0u; i < {{ sizes[l] }}u; i++) {
      let weight = small_parameters[first + i * {{ sizes[l + 1] }}u + rest % {{ sizes[l + 1] }}u];
      squares = fma(weight, weight, squares);
    }
    let length = sqrt(squares);
    return select(1.0, limit / max(length, 1e-15), length > limit);
  }
  if (rest < {{ (sizes[l] + 1) * sizes[l + 1] }}u) {
    return 1.0;
  }
  rest -= {{ (sizes[l] + 1) * sizes[l + 1] }}u;
  first += {{ (sizes[l] + 1) * sizes[l + 1] }}u;
//% endfor
  return 1.0;
}
//% endif
