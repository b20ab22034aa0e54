"""Remediations as AWS Config has them: a document is run for one resource, takes its time, and changes it."""

import threading
import time


class Remedies:
    """`set_up` by account, Region and rule. Only the role that fixes may start one."""

    ROLE = "driftwarden-fix"

    def __init__(self, cloud):
        self.cloud, self.takes, self.error = cloud, 1.0, None
        self.set_up, self.runs, self.strangers = {}, [], []
        self.lock = threading.Lock()

    def answer(self, api, place, asked, role, refused):
        """What AWS answers; `refused` makes its errors."""
        if api == "DescribeRemediationConfigurations":
            named = [self.set_up.get((*place, rule)) for rule in asked["ConfigRuleNames"]]
            return {"RemediationConfigurations": [one for one in named if one]}
        rule = asked["ConfigRuleName"]
        if (*place, rule) not in self.set_up:
            raise refused("NoSuchRemediationConfigurationException", "You specified a rule without a remediation")
        if api == "DescribeRemediationExecutionStatus":
            newest = [self.newest(place, rule, key) for key in asked["ResourceKeys"]]
            return {"RemediationExecutionStatuses": [self.shown(run) for run in newest if run]}
        if role.split("/")[-1] != self.ROLE:
            self.strangers.append(role)
            raise refused("AccessDeniedException", f"{role} is not authorized")
        failed = [key for key in asked["ResourceKeys"] if not self.start(place, rule, key)]
        message = "The resource is compliant, or a remediation of it is in progress"
        return {"FailedItems": failed, "FailureMessage": message} if failed else {"FailedItems": []}

    def newest(self, place, rule, key):
        same = lambda run: (run["place"], run["rule"], run["key"]) == (place, rule, key)
        return next((run for run in reversed(self.runs) if same(run)), None)

    def start(self, place, rule, key):
        with self.lock:
            newest = self.newest(place, rule, key)
            if newest and newest["state"] in ("QUEUED", "IN_PROGRESS") or self.is_compliant(place, key):
                return False
            run = {"place": place, "rule": rule, "key": key, "state": "QUEUED", "invoked": time.time(),
                   "steps": [["Configure", "PENDING", None], ["Verify", "PENDING", None]]}
            self.runs.append(run)
        threading.Thread(target=self.run, args=(run,), daemon=True).start()
        return True

    def s3(self, place):
        return self.cloud.accounts[place[0]].client("s3")

    def is_compliant(self, place, key):
        block = self.s3(place).get_public_access_block(Bucket=key["resourceId"])
        return all(block["PublicAccessBlockConfiguration"].values())

    def run(self, run):
        """The document: it sets what its parameters say, and looks at it."""
        configuration = self.set_up[(*run["place"], run["rule"])]
        time.sleep(self.takes / 2)
        run["state"], run["steps"][0][1] = "IN_PROGRESS", "IN_PROGRESS"
        time.sleep(self.takes / 2)
        values = {name: value["StaticValue"]["Values"][0] == "true"
                  for name, value in configuration["Parameters"].items()
                  if name.startswith(("Block", "Ignore", "Restrict"))}
        if self.error is None:
            self.s3(run["place"]).put_public_access_block(
                Bucket=run["key"]["resourceId"], PublicAccessBlockConfiguration=values)
        run["steps"][0][1] = "SUCCEEDED"
        run["steps"][1][1:] = ["SUCCEEDED", None] if self.error is None else ["FAILED", self.error]
        run["state"] = "SUCCEEDED" if self.error is None else "FAILED"

    @staticmethod
    def shown(run):
        steps = [{"Name": name, "State": state, **({"ErrorMessage": error} if error else {}),
                  "StartTime": run["invoked"]} for name, state, error in run["steps"]]
        return {"ResourceKey": run["key"], "State": run["state"], "StepDetails": steps,
                "InvocationTime": run["invoked"], "LastUpdatedTime": time.time()}
