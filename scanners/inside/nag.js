// Runs cdk-nag over the templates named on stdin, as CfnInclude takes them; writes what it finds to
// stdout: a list of [template, rule, path of constructs below the template, message].
"use strict";
const { App, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { AwsSolutionsChecks, PCIDSS321Checks } = require("cdk-nag");
const { readFileSync } = require("node:fs");

const found = [];
for (const [name, template] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, "Stack");
  new CfnInclude(stack, "Template", template);
  for (const Pack of [AwsSolutionsChecks, PCIDSS321Checks]) {
    const { violations } = new Pack(app, { verbose: true }).validateScope(stack);
    for (const { ruleName, description, violatingResources } of violations) {
      for (const { constructPath } of violatingResources) {
        found.push([name, ruleName, constructPath.split("/").slice(2), description]);
      }
    }
  }
}
process.stdout.write(JSON.stringify(found));
