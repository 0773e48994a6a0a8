mod authorization_code;
mod id_token;
mod issued;
mod races;
mod refresh_token;
