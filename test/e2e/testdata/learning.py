"""A learning switch for os-ken, in OpenFlow 1.3.

Unknown destinations are flooded; for known ones a flow from port to address is
installed, with an idle timeout.
"""

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib.packet import ethernet, packet
from os_ken.ofproto import ofproto_v1_3

IDLE_TIMEOUT = 60  # seconds


class Learning(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = {}  # (datapath id, Ethernet address) -> port

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def connected(self, event):
        dp = event.msg.datapath
        to_controller = dp.ofproto_parser.OFPActionOutput(
            dp.ofproto.OFPP_CONTROLLER, dp.ofproto.OFPCML_NO_BUFFER)
        self.install(dp, 0, dp.ofproto_parser.OFPMatch(), [to_controller], 0)

    def install(self, dp, priority, match, actions, idle_timeout):
        apply = dp.ofproto_parser.OFPInstructionActions(dp.ofproto.OFPIT_APPLY_ACTIONS, actions)
        dp.send_msg(dp.ofproto_parser.OFPFlowMod(
            datapath=dp, priority=priority, match=match, instructions=[apply], idle_timeout=idle_timeout))

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def arrived(self, event):
        msg, dp = event.msg, event.msg.datapath
        header = packet.Packet(msg.data).get_protocol(ethernet.ethernet)
        if header is None:
            return
        in_port = msg.match["in_port"]
        self.seen[dp.id, header.src] = in_port
        out_port = self.seen.get((dp.id, header.dst), dp.ofproto.OFPP_FLOOD)
        actions = [dp.ofproto_parser.OFPActionOutput(out_port)]
        if out_port != dp.ofproto.OFPP_FLOOD:
            match = dp.ofproto_parser.OFPMatch(in_port=in_port, eth_dst=header.dst, eth_src=header.src)
            self.install(dp, 1, match, actions, IDLE_TIMEOUT)
        dp.send_msg(dp.ofproto_parser.OFPPacketOut(
            datapath=dp, buffer_id=dp.ofproto.OFP_NO_BUFFER, in_port=in_port, actions=actions, data=msg.data))
