// A number from -1 to 1, of 24 bits.
fn noise(element: u32, key: u32) -> f32 {
  return f32(hashed(element ^ key) >> 8u) * 0x1p-23 - 1.0;
}

fn smoothing(offset: u32) -> f32 {
  return constants.smoothing[offset / 4u][offset % 4u];
}
