mod authorization_code;
mod device_code;
mod id_token;
mod issued;
mod jwt_bearer;
mod races;
mod refresh_token;
mod token_exchange;
