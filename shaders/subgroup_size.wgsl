// How many invocations a subgroup has.
@group(0) @binding(0) var<storage, read_write> size: u32;

@compute @workgroup_size(1)
fn main(@builtin(subgroup_size) width: u32) {
  size = width;
}
