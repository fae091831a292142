// A team of {{ team }} invocation(s) shares one row: `member` takes every {{ team }}th of its numbers.
//% if team > 1
var<workgroup> shares: array<f32, {{ team }}>;

// The sum over the team; all of it must call.
fn team_sum(member: u32, share: f32) -> f32 {
  shares[member] = share;
//% for half in halvings
  workgroupBarrier();
  if (member < {{ half }}u) {
    shares[member] += shares[member + {{ half }}u];
  }
//% endfor
  workgroupBarrier();
  let sum = shares[0];
  workgroupBarrier();
  return sum;
}
//% else

fn team_sum(member: u32, share: f32) -> f32 {
  return share;
}
//% endif
