/*
 * Makes the replica set and its users: run beside each member, again until it succeeds, and without
 * effect where all of it is there.  The first member begins the set and makes the users, by the
 * exception that mongod grants its own host before there are any; each other one joins it.
 */
const fs = require("fs");
const secret = (name) => fs.readFileSync("/etc/mongodb/secrets/" + name, "utf8").trim();
const self = process.env.POD + "." + process.env.DOMAIN + ":27017";
const first = process.env.FIRST + "." + process.env.DOMAIN + ":27017";
const database = process.env.DATABASE;

const asRoot = (hosts, options) =>
  new Mongo("mongodb://root:" + encodeURIComponent(secret("root-password")) + "@" + hosts + "/admin?" + options);

function begin() {
  const admin = new Mongo("mongodb://127.0.0.1:27017/?directConnection=true").getDB("admin");
  if (!admin.hello().setName)
    admin.runCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: self }] } });
  for (let tries = 0; tries < 30 && !admin.hello().isWritablePrimary; tries++) sleep(1000);
  if (!admin.hello().isWritablePrimary)
    return; // it was begun long ago, and another member leads it
  try {
    admin.createUser({ user: "root", pwd: secret("root-password"), roles: ["root"] });
  } catch (error) {
    // 13 and 51003: there are users already
    if (error.code !== 13 && error.code !== 51003) throw error;
  }
  const users = asRoot("127.0.0.1:27017", "directConnection=true").getDB("admin");
  const shop = { pwd: secret("shop-password"), roles: [{ role: "readWrite", db: database }] };
  if (users.getUser("shop")) users.updateUser("shop", shop);
  else users.createUser({ user: "shop", ...shop });
}

function join() {
  const admin = asRoot(first, "replicaSet=rs0").getDB("admin");
  const config = admin.runCommand({ replSetGetConfig: 1 }).config;
  if (config.members.some((member) => member.host === self))
    return;
  config.members.push({ _id: Math.max(...config.members.map((member) => member._id)) + 1, host: self });
  config.version++;
  const answer = admin.runCommand({ replSetReconfig: config });
  if (!answer.ok) throw new Error(answer.errmsg);
}

if (self === first) begin();
else join();
