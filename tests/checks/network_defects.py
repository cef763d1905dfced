"""Defects of a network, each of which is planted in rendered templates."""

import copy
from collections.abc import Callable
from typing import Any

from checks.rendering import Node

Templates = dict[str, Node]
Defect = Callable[[Templates], None]

API, DETECTOR = "service-api-gateway.json", "service-fraud-detector.json"
ANYWHERE = "0.0.0.0/0"


def properties(templates: Templates, file: str, name: str) -> Any:
    return templates[f"{file}.json" if "." not in file else file]["Resources"][name]["Properties"]


def drop(templates: Templates, file: str, *names: str) -> None:
    """Remove resources, and every wish to wait for them."""
    resources = templates[file]["Resources"]
    for name in names:
        del resources[name]
    for resource in resources.values():
        before = resource.get("DependsOn", [])
        before = [before] if isinstance(before, str) else before
        resource["DependsOn"] = [one for one in before if one not in names]


def between(templates: Templates, name: str, there: str, port: int) -> None:
    """Let two services' groups talk."""
    ids = [{"Ref": f"{one}SecurityGroup"} for one in (name, there)]
    add_connection(templates, "services.json", ids[0], ids[1], port)


def add_connection(templates: Templates, file: str, source: Any, target: Any, port: int) -> None:
    """Let two groups talk by rules in one template."""
    ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    for kind, here, peer in (("Egress", source, target), ("Ingress", target, source)):
        other = "DestinationSecurityGroupId" if kind == "Egress" else "SourceSecurityGroupId"
        templates[file]["Resources"][f"Extra{kind}"] = {
            "Type": f"AWS::EC2::SecurityGroup{kind}",
            "Properties": {"GroupId": here, other: peer, **ports},
        }


def a_dropped_egress_rule(t: Templates) -> None:
    drop(t, API, "EgressToFraudDetector")


def a_dropped_ingress_rule(t: Templates) -> None:
    drop(t, API, "IngressToFraudDetector")


def swapped_groups(t: Templates) -> None:
    rule = properties(t, API, "EgressToFraudDetector")
    names = ("GroupId", "DestinationSecurityGroupId")
    rule[names[0]], rule[names[1]] = rule[names[1]], rule[names[0]]


def a_wrong_port(t: Templates) -> None:
    properties(t, API, "IngressToFraudDetector").update(FromPort=8081, ToPort=8081)


def a_range_of_ports(t: Templates) -> None:
    for kind in ("Ingress", "Egress"):
        properties(t, API, f"{kind}ToFraudDetector")["ToPort"] = 8090


def another_protocol(t: Templates) -> None:
    properties(t, API, "IngressToFraudDetector")["IpProtocol"] = "udp"


def tasks_open_to_everybody(t: Templates) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "CidrIp": ANYWHERE}
    properties(t, "services", "FraudDetectorSecurityGroup")["SecurityGroupIngress"] = [rule]


def tasks_open_to_strangers_that_cannot_come(t: Templates) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "203.0.113.0/24"}
    properties(t, "services", "FraudDetectorSecurityGroup")["SecurityGroupIngress"] = [rule]


def tasks_that_may_call_anybody(t: Templates) -> None:
    del properties(t, "services", "FraudDetectorSecurityGroup")["SecurityGroupEgress"]


def tasks_that_cannot_call_aws(t: Templates) -> None:
    rules = properties(t, "services", "FraudDetectorSecurityGroup")["SecurityGroupEgress"]
    rules[0]["CidrIp"] = "127.0.0.1/32"


def a_database_open_to_another_service(t: Templates) -> None:
    rules = properties(t, "services", "FraudDetectorSecurityGroup")["SecurityGroupEgress"]
    rules.append({"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "10.0.0.0/16"})


def a_dropped_way_to_the_database(t: Templates) -> None:
    properties(t, "services", "PaymentProcessorSecurityGroup")["SecurityGroupEgress"].pop()


def an_extra_caller(t: Templates) -> None:
    between(t, "FraudDetector", "PaymentProcessor", 8080)


def a_service_that_calls_itself(t: Templates) -> None:
    between(t, "FraudDetector", "FraudDetector", 8080)


def a_load_balancer_that_reaches_an_internal_service(t: Templates) -> None:
    group = {"Fn::GetAtt": ["Services", "Outputs.FraudDetectorSecurityGroupId"]}
    balancer = {"Ref": "LoadBalancerSecurityGroup"}
    add_connection(t, "parent.json", balancer, group, 8080)


def a_service_in_its_neighbours_group(t: Templates) -> None:
    given = properties(t, "parent", "FraudDetectorService")["Parameters"]
    given["SecurityGroupId"] = {"Fn::GetAtt": ["Services", "Outputs.ApiGatewaySecurityGroupId"]}


def callees_mixed_up(t: Templates) -> None:
    given = properties(t, "parent", "ApiGatewayService")["Parameters"]
    names = ("FraudDetectorCalleeSecurityGroupId", "PaymentProcessorCalleeSecurityGroupId")
    given[names[0]] = given[names[1]]


def tasks_in_public_subnets(t: Templates) -> None:
    given = properties(t, "parent", "FraudDetectorService")["Parameters"]
    given["PrivateSubnetIds"] = {
        "Fn::Join": [",", properties(t, "parent", "LoadBalancer")["Subnets"]]
    }


def tasks_with_public_addresses(t: Templates) -> None:
    network = properties(t, DETECTOR, "Service")["NetworkConfiguration"]
    network["AwsvpcConfiguration"]["AssignPublicIp"] = "ENABLED"


def a_missing_nat_route(t: Templates) -> None:
    drop(t, "network.json", "PrivateBRouteToInternet")


def a_route_in_the_wrong_table(t: Templates) -> None:
    route = properties(t, "network", "PrivateBRouteToInternet")
    route["RouteTableId"] = {"Ref": "PrivateRouteTableA"}


def a_missing_association(t: Templates) -> None:
    drop(t, "network.json", "PrivateSubnetCRouteTableAssociation")


def two_associations(t: Templates) -> None:
    one = properties(t, "network", "PrivateSubnetARouteTableAssociation")
    one["SubnetId"] = {"Ref": "BPrivateSubnetId"}


def a_nat_gateway_in_a_private_subnet(t: Templates) -> None:
    given = properties(t, "parent", "Network")["Parameters"]
    given["APublicSubnetId"] = {"Ref": "PrivateSubnetA"}


def a_nat_gateway_for_private_addresses(t: Templates) -> None:
    properties(t, "network", "NatGatewayA")["ConnectivityType"] = "private"


def a_second_nat_gateway(t: Templates) -> None:
    resources = t["network.json"]["Resources"]
    resources["NatGatewayB"] = copy.deepcopy(resources["NatGatewayA"])
    route = properties(t, "network", "PrivateBRouteToInternet")
    route["NatGatewayId"] = {"Fn::GetAtt": ["NatGatewayB", "NatGatewayId"]}


def a_nat_gateway_without_an_address(t: Templates) -> None:
    del properties(t, "network", "NatGatewayA")["AllocationId"]


def an_internet_gateway_of_another_vpc(t: Templates) -> None:
    properties(t, "parent", "InternetGatewayAttachment")["VpcId"] = "vpc-12345678"


def all_subnets_in_one_zone(t: Templates) -> None:
    for letter in "ABC":
        for side in ("Public", "Private"):
            subnet = properties(t, "parent", f"{side}Subnet{letter}")
            subnet["AvailabilityZone"] = {"Fn::Select": [0, {"Fn::GetAZs": ""}]}


def a_load_balancer_in_two_zones(t: Templates) -> None:
    properties(t, "parent", "LoadBalancer")["Subnets"].pop()


def a_load_balancer_in_private_subnets(t: Templates) -> None:
    subnets = [{"Ref": f"PrivateSubnet{letter}"} for letter in "ABC"]
    properties(t, "parent", "LoadBalancer")["Subnets"] = subnets


def an_internal_load_balancer(t: Templates) -> None:
    properties(t, "parent", "LoadBalancer")["Scheme"] = "internal"


def an_edge_without_https(t: Templates) -> None:
    properties(t, "parent", "LoadBalancerSecurityGroup")["SecurityGroupIngress"].pop()


def an_edge_with_another_port(t: Templates) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "CidrIp": ANYWHERE}
    properties(t, "parent", "LoadBalancerSecurityGroup")["SecurityGroupIngress"].append(rule)


def a_listener_that_does_not_redirect(t: Templates) -> None:
    https = properties(t, "parent", "HttpsListener")["DefaultActions"]
    properties(t, "parent", "HttpListener")["DefaultActions"] = https


def a_listener_on_another_port(t: Templates) -> None:
    properties(t, "parent", "HttpsListener")["Port"] = 8443


def a_rule_on_the_wrong_listener(t: Templates) -> None:
    outer = properties(t, "parent", "ApiGatewayService")["Parameters"]
    outer["ListenerArn"] = {"Ref": "HttpListener"}


def a_rule_for_other_paths(t: Templates) -> None:
    condition = properties(t, API, "ListenerRule100")["Conditions"][0]
    condition["PathPatternConfig"]["Values"] = ["/admin/*"]


def a_rule_that_answers_by_itself(t: Templates) -> None:
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    properties(t, API, "ListenerRule100")["Actions"] = [action]


def tasks_registered_with_another_port(t: Templates) -> None:
    properties(t, API, "Service")["LoadBalancers"][0]["ContainerPort"] = 9090


def tasks_registered_nowhere(t: Templates) -> None:
    properties(t, API, "Service")["LoadBalancers"] = []


def a_network_acl(t: Templates) -> None:
    vpc = {"VpcId": {"Ref": "Vpc"}}
    t["parent.json"]["Resources"]["Acl"] = {"Type": "AWS::EC2::NetworkAcl", "Properties": vpc}


def a_second_vpc(t: Templates) -> None:
    other = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}}
    t["parent.json"]["Resources"]["Other"] = other


def subnets_with_ipv6(t: Templates) -> None:
    properties(t, "parent", "PublicSubnetB")["AssignIpv6AddressOnCreation"] = True


def a_load_balancer_with_ipv6(t: Templates) -> None:
    properties(t, "parent", "LoadBalancer")["IpAddressType"] = "dualstack"


def an_endpoint_in_one_zone(t: Templates) -> None:
    properties(t, "network", "LogsEndpoint")["SubnetIds"].pop()


def a_subnet_in_whatever_zone(t: Templates) -> None:
    del properties(t, "parent", "PublicSubnetC")["AvailabilityZone"]


def a_smaller_vpc(t: Templates) -> None:
    properties(t, "parent", "Vpc")["CidrBlock"] = "10.0.0.0/17"


def a_smaller_subnet(t: Templates) -> None:
    properties(t, "parent", "PrivateSubnetB")["CidrBlock"] = "10.0.11.0/25"


def a_rule_for_ipv6(t: Templates) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv6": "::/0"}
    properties(t, "parent", "LoadBalancerSecurityGroup")["SecurityGroupIngress"].append(rule)


def a_route_to_somewhere_else(t: Templates) -> None:
    route = properties(t, "network", "PrivateBRouteToInternet")
    route["DestinationCidrBlock"] = "192.168.0.0/16"


def no_addresses(t: Templates) -> None:
    del properties(t, "parent", "PrivateSubnetB")["CidrBlock"]


def no_groups(t: Templates) -> None:
    del properties(t, "parent", "LoadBalancer")["SecurityGroups"]


def ports_that_are_no_numbers(t: Templates) -> None:
    properties(t, API, "IngressToFraudDetector")["FromPort"] = "http"


def something_that_cannot_be_resolved(t: Templates) -> None:
    properties(t, "parent", "LoadBalancer")["Subnets"] = {"Ref": "Nothing"}


# The system with a NAT gateway in each zone, the one with a regional one


def the_neighbours_nat_gateway(t: Templates) -> None:
    route = properties(t, "network", "PrivateBRouteToInternet")
    route["NatGatewayId"] = {"Fn::GetAtt": ["NatGatewayA", "NatGatewayId"]}


def a_zonal_nat_gateway(t: Templates) -> None:
    nat = properties(t, "network", "NatGateway")
    del nat["AvailabilityMode"], nat["VpcId"]
    t["network.json"]["Parameters"]["APublicSubnetId"] = {"Type": "String"}
    given = properties(t, "parent", "Network")["Parameters"]
    given["APublicSubnetId"] = {"Ref": "PublicSubnetA"}
    nat.update(SubnetId={"Ref": "APublicSubnetId"}, AllocationId="eipalloc-12345678")


# The system without NAT


def a_missing_endpoint(t: Templates) -> None:
    drop(t, "network.json", "LogsEndpoint")


def a_missing_gateway_endpoint(t: Templates) -> None:
    drop(t, "network.json", "S3Endpoint")


def a_gateway_endpoint_beside_a_route_table(t: Templates) -> None:
    properties(t, "network", "S3Endpoint")["RouteTableIds"].pop()


def endpoints_closed_to_one_zone(t: Templates) -> None:
    properties(t, "network", "EndpointSecurityGroup")["SecurityGroupIngress"].pop()


def endpoints_open_to_more(t: Templates) -> None:
    rules = properties(t, "network", "EndpointSecurityGroup")["SecurityGroupIngress"]
    rules[0]["CidrIp"] = "10.30.0.0/16"


def an_endpoint_in_a_public_subnet(t: Templates) -> None:
    given = properties(t, "parent", "Network")["Parameters"]
    t["network.json"]["Parameters"]["APublicSubnetId"] = {"Type": "String"}
    given["APublicSubnetId"] = {"Ref": "PublicSubnetA"}
    properties(t, "network", "LogsEndpoint")["SubnetIds"][0] = {"Ref": "APublicSubnetId"}


def an_endpoint_that_nobody_needs(t: Templates) -> None:
    resources = t["network.json"]["Resources"]
    resources["SqsEndpoint"] = copy.deepcopy(resources["LogsEndpoint"])
    name = {"Fn::Sub": "com.amazonaws.${AWS::Region}.sqs"}
    resources["SqsEndpoint"]["Properties"]["ServiceName"] = name


def an_endpoint_not_described(t: Templates) -> None:
    t["network.json"]["Resources"]["SqsEndpoint"] = {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcEndpointType": "Gateway",
            "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.sqs"},
            "VpcId": {"Ref": "VpcId"},
            "RouteTableIds": [{"Ref": "PrivateRouteTableA"}, {"Ref": "PrivateRouteTableB"}],
        },
    }


def an_endpoint_without_its_name(t: Templates) -> None:
    properties(t, "network", "LogsEndpoint")["PrivateDnsEnabled"] = False


def a_way_to_the_internet(t: Templates) -> None:
    table = {"Value": {"Ref": "PrivateRouteTableA"}}
    t["network.json"]["Outputs"] = {"PrivateRouteTableId": table}
    route = copy.deepcopy(t["parent.json"]["Resources"]["PublicRouteToInternet"])
    route["Properties"]["RouteTableId"] = {"Fn::GetAtt": ["Network", "Outputs.PrivateRouteTableId"]}
    t["parent.json"]["Resources"]["Leak"] = route
