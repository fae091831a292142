// What becomes of a sum of weighted deltas: the loss's derivative by the previous layer's activation argument.

fn finish_previous(step: Step, layer: Layer, row: u32, column: u32, sum: vec4f) {
  let input_cells = layer.input_stride / CELL;
  if (column >= input_cells) {
    return;
  }
  let place = row * input_cells + column;
  let first = column * CELL;
  var derivative = sum * slope(activity[layer.previous_argument / CELL + place]);
//% if dropout
  derivative *= dropout_cell(row * layer.inputs + first, hashed(step.dropout_key + at.layer), step.hidden_threshold, step.hidden_scale);
//% endif
  activity[layer.previous_delta / CELL + place] = clipped(derivative, first, layer.inputs);
}
