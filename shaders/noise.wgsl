// What the random distortions draw from, and how their noise is smoothed.

// A number from -1 to 1, of 24 bits.
fn noise(element: u32, key: u32) -> f32 {
  return f32(hashed(element ^ key) >> 8u) * 0x1p-23 - 1.0;
}

// The same in 256 levels, four from one hash.
fn coarse_noise(element: u32, key: u32) -> f32 {
  return f32(extractBits(hashed(element / 4u ^ key), 8u * (element % 4u), 8u)) / 127.5 - 1.0;
}

// The Gaussian's weight at that place of the window, 0 to 2 * smoothing_radius.
fn smoothing(offset: u32) -> f32 {
  return constants.smoothing[offset / 4u][offset % 4u];
}
