// The rules of stackscripts/ai-sandbox.sh as packets meet them: the real iptables, in networks of the test's own, with a port
// that is published as Docker does it.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createSystem, type System } from '../../support/ai-sandbox/system.ts';
import { removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

/** A client with two addresses, the host between, and a container behind a bridge; then who gets an answer on which port. */
const network = `
mount -t tmpfs tmpfs /run
ip netns add client
ip netns add box
ip link set lo up
ip link add outside type veth peer name eth0 netns client
ip address add 192.0.2.1/24 dev outside
ip link set outside up
nsenter --net=/run/netns/client ip address add 192.0.2.7/24 dev eth0
nsenter --net=/run/netns/client ip address add 192.0.2.9/24 dev eth0
nsenter --net=/run/netns/client ip link set eth0 up
ip link add br-box type bridge
ip address add 172.30.0.1/24 dev br-box
ip link set br-box up
ip link add inside type veth peer name eth0 netns box
ip link set inside master br-box up
nsenter --net=/run/netns/box ip address add 172.30.0.2/24 dev eth0
nsenter --net=/run/netns/box ip link set eth0 up
nsenter --net=/run/netns/box ip route add default via 172.30.0.1
echo 1 >/proc/sys/net/ipv4/ip_forward
# As Docker publishes a port, and hands packets to the owner's rules.
for port in 3000 8000 9000; do
  iptables -t nat -A PREROUTING ! -i br-box -p tcp --dport $port -j DNAT --to-destination 172.30.0.2:8080
done
iptables -N DOCKER-USER
iptables -A DOCKER-USER -j RETURN
iptables -A FORWARD -j DOCKER-USER
mkdir -p /tmp/page
cd /tmp/page
# Not as a module, which asks for its own name first, where nobody knows it.
nsenter --net=/run/netns/box python3 -c 'import http.server as h, socketserver as s
s.ThreadingTCPServer(("", 8080), h.SimpleHTTPRequestHandler).serve_forever()' >/dev/null 2>&1 &
server=$!
trap 'kill $server' EXIT
ask() {
  code=$(nsenter --net=/run/netns/client curl --silent --output /dev/null --write-out '%{http_code}' --connect-timeout 1 \\
    --max-time 20 --interface "$1" "http://192.0.2.1:$2/") || true
  echo "$1 $2 $code"
}
until curl --silent --output /dev/null http://172.30.0.2:8080/; do sleep 0.1; done
allow() {
  echo "ALLOWED_ADDRESSES=$1" >/var/lib/ai-sandbox/settings
  /root/StackScript --firewall
}
# Before there are any rules: everyone.
ask 192.0.2.9 3000
allow 192.0.2.7
for port in 3000 8000 9000; do
  ask 192.0.2.7 $port
  ask 192.0.2.9 $port
done
allow 192.0.2.0/28
ask 192.0.2.9 3000
allow 198.51.100.0/24
ask 192.0.2.7 3000
allow 0.0.0.0/0
ask 192.0.2.9 8000
`;

requireTools(
  'root',
  'curl',
  'iptables',
  'ip',
)('the firewall of the AI sandbox', () => {
  let system: System;
  beforeEach(async () => {
    system = await createSystem();
  });
  afterEach(() => {
    system.close();
    removeRepositories();
  });

  it('lets the allowed addresses reach the published ports, drops the others, and leaves other ports alone', () => {
    system.write('/var/lib/ai-sandbox/settings', '');
    system.write('/root/network', network);
    const said = system.inside('/usr/bin/unshare', '--net', '/bin/bash', '-euo', 'pipefail', '/root/network');
    expect(said.trim().split('\n')).toEqual([
      '192.0.2.9 3000 200',
      '192.0.2.7 3000 200',
      '192.0.2.9 3000 000',
      '192.0.2.7 8000 200',
      '192.0.2.9 8000 000',
      '192.0.2.7 9000 200',
      '192.0.2.9 9000 200',
      '192.0.2.9 3000 200',
      '192.0.2.7 3000 000',
      '192.0.2.9 8000 200',
    ]);
  });
});
