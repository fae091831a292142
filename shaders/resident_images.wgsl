// How the resident kernel brings a batch into workgroup memory: fetched while the batch before it is worked on, then kept.

// A word of four pixels of the step's batch; 0 beyond its last sample.
fn fetched(step: Step, word: u32) -> u32 {
  let sample = word / {{ words }}u;
  if (sample >= step.samples) {
    return 0u;
  }
  return images[indices[constants.order + step.first + sample] * {{ words }}u + word % {{ words }}u];
}

// The label of a sample of the step's batch.
fn label_of(step: Step, sample: u32) -> u32 {
  return indices[constants.labels + indices[constants.order + step.first + min(sample, step.samples - 1u)]];
}

// Puts a fetched word, as numbers of 0 to 1 with input dropout, into one half of the workgroup's pixels.
fn keep(step: Step, word: u32, bytes: u32, half: u32) {
  let sample = word / {{ words }}u;
  let pixel = word % {{ words }}u * 4u;
  if (sample >= {{ batch }}u) {
    return;
  }
  var values = unpack4x8unorm(bytes);
//% if input_dropout
  let element = sample * {{ inputs }}u + pixel;
  let key = hashed(step.dropout_key);
//% for i in range(4)
  values[{{ i }}] *= dropout(element + {{ i }}u, key, step.input_threshold, step.input_scale);
//% endfor
//% endif
  let place = (half * {{ batch }}u + sample) * {{ image_floats }}u + pixel;
//% for i in range(4)
  pixels[place + {{ i }}u] = values[{{ i }}];
//% endfor
}
