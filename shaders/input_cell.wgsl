// Brings four pixels of a sample of the step numbered `number` into the first layer's activity: bytes to 0..1, with input dropout.

fn bring_pixels(number: u32, row: u32, word: u32) {
  let step = steps[number];
  let sample = indices[constants.order + step.first + row];
  var pixels = unpack4x8unorm(images[sample * constants.image_words + word]);
//% if input_dropout
  let element = row * layers[0].inputs + word * 4u;
  pixels *= dropout_cell(element, hashed(step.dropout_key), step.input_threshold, step.input_scale);
//% endif
  activity[values_of(layers[0], number) / CELL + row * constants.image_words + word] = pixels;
}
